package edu.internet2.middleware.grouper;

import edu.internet2.middleware.subject.Subject;

/** Stands in for Grouper's: a subject may be unknown to its source. */
public final class Member {
    private final String source;
    private final String id;

    public Member(String source, String id) {
        this.source = source;
        this.id = id;
    }

    public String getSubjectSourceId() {
        return source;
    }

    public String getSubjectId() {
        return id;
    }

    public Subject getSubject() {
        return SubjectFinder.findByIdAndSource(id, source, true);
    }
}
