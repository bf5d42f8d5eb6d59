import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * LSC's two phases with people as the source and scripts as the destination, all attributes with
 * policy FORCE. A renamed entry gets its other changes in the next run, as in LSC.
 */
final class LscSync {
    private final LscScripts scripts;
    private final String folder;
    private final List<String> fetched;
    private final String pivot;
    final AtomicInteger modified = new AtomicInteger();
    final AtomicInteger errors = new AtomicInteger();

    /** `folder` has the scripts, `fetched` is <fetchedAttributes>, the pivot first. */
    LscSync(LscScripts scripts, String folder, List<String> fetched) {
        this.scripts = scripts;
        this.folder = folder;
        this.fetched = fetched;
        this.pivot = fetched.get(0);
    }

    private interface Step {
        void run() throws Exception;
    }

    private void all(int threads, List<Step> steps) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        List<Future<?>> ends = new ArrayList<>();
        for (Step step : steps) {
            ends.add(pool.submit(() -> {
                try {
                    step.run();
                } catch (Exception e) {
                    errors.incrementAndGet();
                }
            }));
        }
        for (Future<?> end : ends) {
            end.get();
        }
        pool.shutdown();
    }

    /** Creates, changes and renames; an empty source is an error, as LSC takes it. */
    void synchronize(int threads, List<LscLdif.Bean> source) throws Exception {
        List<Step> steps = new ArrayList<>();
        source.forEach(bean -> steps.add(() -> synchronize(bean)));
        if (steps.isEmpty()) {
            errors.incrementAndGet();
        }
        all(threads, steps);
    }

    private Map<String, Set<String>> pivots(LscLdif.Bean bean) {
        return Map.of(pivot, bean.attributes().get(pivot));
    }

    private void synchronize(LscLdif.Bean source) throws Exception {
        LscLdif.Bean kept = scripts.get(folder + "/get", source.dn(), pivots(source));
        if (kept == null) {
            apply(source.dn(), "add", null, changes(source, new LscLdif.Bean("", Map.of())));
        } else if (!kept.dn().equalsIgnoreCase(source.dn())) {
            apply(kept.dn(), "modrdn", source.dn(), List.of());
        } else {
            List<LscLdif.Change> changes = changes(source, kept);
            if (!changes.isEmpty()) {
                apply(kept.dn(), "modify", null, changes);
            }
        }
    }

    private List<LscLdif.Change> changes(LscLdif.Bean source, LscLdif.Bean kept) {
        List<LscLdif.Change> changes = new ArrayList<>();
        for (String attribute : fetched) {
            Set<String> now = source.attributes().getOrDefault(attribute, Set.of());
            Set<String> then = kept.attributes().getOrDefault(attribute, Set.of());
            if (!now.equals(then)) {
                String kind = now.isEmpty() ? "delete" : then.isEmpty() ? "add" : "replace";
                changes.add(new LscLdif.Change(kind, attribute, List.copyOf(now)));
            }
        }
        return changes;
    }

    private void apply(String dn, String operation, String newDn, List<LscLdif.Change> changes)
        throws Exception {
        LscLdif.Record record = new LscLdif.Record(dn, operation, newDn, changes);
        LscScripts.Outcome outcome = scripts.execute(folder + "/change", dn, record.text());
        (outcome.status() == 0 ? modified : errors).incrementAndGet();
    }

    /** Removes whom the source has not; an empty destination is an error. */
    void clean(int threads, List<LscLdif.Bean> source) throws Exception {
        Map<Set<String>, LscLdif.Bean> known = new LinkedHashMap<>();
        source.forEach(bean -> known.put(bean.attributes().get(pivot), bean));
        List<Step> steps = new ArrayList<>();
        for (LscLdif.Bean bean : scripts.list(folder + "/list", null, "")) {
            if (!known.containsKey(bean.attributes().get(pivot))) {
                steps.add(() -> apply(bean.dn(), "delete", null, List.of()));
            }
            steps.add(() -> { });
        }
        if (steps.isEmpty()) {
            errors.incrementAndGet();
        }
        all(threads, steps);
    }
}
