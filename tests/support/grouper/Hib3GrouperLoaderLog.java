package edu.internet2.middleware.grouper.app.loader.db;

/** Stands in for Grouper's: what a job tells of itself. */
public final class Hib3GrouperLoaderLog {
    private int total;
    private int updated;
    private int deleted;
    private String status = "STARTED";
    private final StringBuilder message = new StringBuilder();

    public void addTotalCount(Integer count) {
        total += count;
    }

    public void addUpdateCount(Integer count) {
        updated += count;
    }

    public void addDeleteCount(Integer count) {
        deleted += count;
    }

    public void appendJobMessage(String text) {
        message.append(text);
    }

    public void setStatus(String word) {
        status = word;
    }

    public String getStatus() {
        return status;
    }

    @Override
    public String toString() {
        return status + " " + total + " " + updated + " " + deleted + "\n" + message;
    }
}
