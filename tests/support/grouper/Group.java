package edu.internet2.middleware.grouper;

import edu.internet2.middleware.subject.Subject;
import java.util.LinkedHashSet;
import java.util.Set;

/** Stands in for Grouper's. */
public final class Group {
    public final Set<Member> members = new LinkedHashSet<>();

    public Set<Member> getMembers() {
        return members;
    }

    public boolean hasMember(Subject subject) {
        return members.stream().anyMatch(member -> member.getSubjectId().equals(subject.getId()));
    }
}
