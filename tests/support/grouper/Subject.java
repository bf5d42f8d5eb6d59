package edu.internet2.middleware.subject;

import java.util.Map;
import java.util.Set;

/** Stands in for Grouper's. */
public final class Subject {
    private final String id;
    private final Map<String, Set<String>> attributes;

    public Subject(String id, Map<String, Set<String>> attributes) {
        this.id = id;
        this.attributes = attributes;
    }

    public String getId() {
        return id;
    }

    public Set<String> getAttributeValues(String name) {
        return attributes.get(name);
    }
}
