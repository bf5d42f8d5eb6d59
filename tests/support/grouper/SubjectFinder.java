package edu.internet2.middleware.grouper;

import edu.internet2.middleware.subject.Subject;
import java.util.HashMap;
import java.util.Map;

/** Stands in for Grouper's: the subjects that a test has made. */
public final class SubjectFinder {
    public static final Map<String, Subject> SUBJECTS = new HashMap<>();

    public static Subject findByIdAndSource(String id, String source, boolean exceptionIfNull) {
        if (!SUBJECTS.containsKey(id) && exceptionIfNull) {
            throw new IllegalStateException("no subject " + id);
        }
        return SUBJECTS.get(id);
    }
}
