import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stands in for LSC with its executable plug-in. Arguments: how many threads, then the
 * variables of lsc.xml. Calls, with SCRIPT a path:
 *
 *     list SCRIPT                         entries: "dn", DN, attribute, value, …
 *     get SCRIPT NAME PIVOT VALUE…        the same of one, or nothing
 *     execute SCRIPT ARGUMENT INPUT       exit status, output, messages
 *     kill SCRIPT ARGUMENT INPUT BYTES    nothing
 *     add|modify SCRIPT DN {add|replace|delete ATTRIBUTE COUNT VALUE…}…   exit status, messages
 *     modrdn SCRIPT DN NEWDN, delete SCRIPT DN                            the same
 *     run FOLDER LDIF ATTRIBUTE…          synchronizes and cleans: modified, errors, log
 */
final class Lsc extends Driver {
    private final int threads;
    private final List<String> variables;

    Lsc(int threads, List<String> variables) {
        this.threads = threads;
        this.variables = variables;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> words = List.of(arguments);
        int threads = Integer.parseInt(words.get(0));
        new Lsc(threads, words.subList(1, words.size())).serve(threads);
    }

    @Override
    List<String> call(List<String> words) throws Exception {
        LscScripts scripts = new LscScripts(variables);
        String script = words.get(1);
        switch (words.get(0)) {
        case "list":
            return told(scripts.list(script, null, ""));
        case "get":
            LscLdif.Bean bean = scripts.get(script, words.get(2), pivots(words));
            return told(bean == null ? List.of() : List.of(bean));
        case "execute":
            LscScripts.Outcome outcome = scripts.execute(script, words.get(2), words.get(3));
            return List.of("" + outcome.status(), outcome.output(), outcome.said());
        case "kill":
            scripts.kill(script, words.get(2), words.get(3), Integer.parseInt(words.get(4)));
            return List.of();
        case "run":
            return run(new LscSync(scripts, script, words.subList(3, words.size())), words.get(2),
                       scripts);
        default:
            LscScripts.Outcome done = scripts.execute(script, words.get(2), record(words).text());
            return List.of("" + done.status(), done.said());
        }
    }

    private List<String> run(LscSync sync, String ldif, LscScripts scripts) throws Exception {
        List<LscLdif.Bean> source = LscLdif.read(Files.readString(Path.of(ldif)));
        sync.synchronize(threads, source);
        sync.clean(threads, source);
        return List.of(sync.modified.toString(), sync.errors.toString(), scripts.log());
    }

    private static Map<String, Set<String>> pivots(List<String> words) {
        Map<String, Set<String>> pivots = new LinkedHashMap<>();
        for (int i = 3; i + 1 < words.size(); i += 2) {
            pivots.put(words.get(i), Set.of(words.get(i + 1)));
        }
        return pivots;
    }

    private static LscLdif.Record record(List<String> words) {
        String operation = words.get(0);
        String newDn = operation.equals("modrdn") ? words.get(3) : null;
        List<LscLdif.Change> changes = new ArrayList<>();
        for (int i = newDn == null ? 3 : words.size(); i < words.size();) {
            int end = i + 3 + Integer.parseInt(words.get(i + 2));
            changes.add(new LscLdif.Change(words.get(i), words.get(i + 1), words.subList(i + 3, end)));
            i = end;
        }
        return new LscLdif.Record(words.get(2), operation, newDn, changes);
    }

    private static List<String> told(List<LscLdif.Bean> beans) {
        List<String> words = new ArrayList<>();
        for (LscLdif.Bean bean : beans) {
            words.addAll(List.of("dn", bean.dn()));
            bean.attributes().forEach(
                (name, values) -> values.forEach(value -> words.addAll(List.of(name, value))));
        }
        return words;
    }
}
