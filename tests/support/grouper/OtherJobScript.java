package edu.internet2.middleware.grouper.app.loader;

import edu.internet2.middleware.grouper.app.loader.db.Hib3GrouperLoaderLog;

/** Stands in for Grouper's. */
public final class OtherJobScript {
    public static final Hib3GrouperLoaderLog LOG = new Hib3GrouperLoaderLog();

    public static Hib3GrouperLoaderLog retrieveHib3GrouperLoaderLogNotNull() {
        return LOG;
    }
}
