package edu.internet2.middleware.grouper;

/** Stands in for Grouper's. */
public final class GrouperSession {
    public static GrouperSession startRootSession() {
        return new GrouperSession();
    }
}
