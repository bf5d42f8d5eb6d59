package edu.internet2.middleware.grouper;

import java.util.HashMap;
import java.util.Map;

/** Stands in for Grouper's: the groups that a test has made. */
public final class GroupFinder {
    public static final Map<String, Group> GROUPS = new HashMap<>();

    public static Group findByName(String name, boolean exceptionIfNull) {
        if (!GROUPS.containsKey(name) && exceptionIfNull) {
            throw new IllegalStateException("no group " + name);
        }
        return GROUPS.get(name);
    }
}
