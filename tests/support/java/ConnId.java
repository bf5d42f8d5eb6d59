import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Stands in for a framework with ConnId's CMD connector. Argument: how many threads. Calls, with PATH
 * as it is configured:
 *
 *     create PATH CLASS {NAME COUNT VALUE…}…         the uid, that is, __NAME__
 *     update PATH CLASS UID {NAME COUNT VALUE…}…     the uid
 *     delete PATH CLASS UID                          nothing
 *     test PATH                                      nothing
 *     search PATH CLASS                              objects: COUNT, name, value, …
 *     search PATH CLASS equals|starts|ends|contains NAME VALUE
 *
 * No exit status is looked at; only search reads what a script prints, and nothing reads its errors.
 */
final class ConnId extends Driver {
    private static final String SEPARATOR = "--- NEW SEARCH RESULT ITEM ---";

    public static void main(String[] arguments) throws Exception {
        new ConnId().serve(Integer.parseInt(arguments[0]));
    }

    @Override
    List<String> call(List<String> words) throws Exception {
        String path = words.get(1);
        switch (words.get(0)) {
        case "create":
            return create(path, words.get(2), attributes(words, 3));
        case "update":
            Map<String, String> sent = attributes(words, 4);
            sent.putIfAbsent("__UID__", words.get(3));
            return write(path, words.get(2), sent, words.get(3));
        case "delete":
            return write(path, words.get(2), Map.of("__UID__", words.get(3)), null);
        case "test":
            start(path, Map.of()).waitFor();
            return List.of();
        case "search":
            return words.size() == 3 ? all(path) : some(path, words);
        default:
            throw new IllegalArgumentException(words.get(0));
        }
    }

    /** What is sent of attributes with values: all of them with commas between, nothing of others. */
    private static Map<String, String> attributes(List<String> words, int from) {
        Map<String, String> sent = new LinkedHashMap<>();
        for (int at = from; at < words.size();) {
            int count = Integer.parseInt(words.get(at + 1));
            List<String> values = words.subList(at + 2, at + 2 + count);
            if (count > 0) {
                sent.put(words.get(at), String.join(",", values));
            }
            at += 2 + count;
        }
        return sent;
    }

    private static List<String> create(String path, String objectClass, Map<String, String> sent)
        throws Exception {
        String name = sent.get("__NAME__");
        if (name == null) {
            throw new IllegalArgumentException("No Name attribute provided in the attributes");
        }
        return write(path, objectClass, sent, name);
    }

    private static List<String> write(String path, String objectClass, Map<String, String> sent,
                                      String uid) throws Exception {
        Map<String, String> variables = new LinkedHashMap<>(sent);
        variables.put("OBJECT_CLASS", objectClass);
        start(path, variables).waitFor();
        return uid == null ? List.of() : List.of(uid);
    }

    private static Process start(String path, Map<String, String> variables) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(path.split(" "));
        builder.environment().putAll(variables);
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    private static List<String> all(String path) throws Exception {
        List<String> found = new ArrayList<>();
        for (Map<String, String> object : read(start(path, Map.of()))) {
            tell(found, object);
        }
        return found;
    }

    private static List<String> some(String path, List<String> words) throws Exception {
        String how = words.get(3);
        String name = words.get(4);
        String value = words.get(5);
        int from = how.equals("ends") || how.equals("contains") ? 1 : 0;
        int cut = how.equals("starts") || how.equals("contains") ? 1 : 0;
        Map<String, String> variables =
            Map.of(name, value.substring(Math.min(from, value.length()),
                                         Math.max(value.length() - cut, Math.min(from, value.length()))),
                   "OBJECT_CLASS", words.get(2), "Operator", how.equals("equals") ? "=" : "*");
        List<String> found = new ArrayList<>();
        for (Map<String, String> object : read(start(path, variables))) {
            if (matches(how, object.get(name), value)) {
                tell(found, object);
            }
        }
        return found;
    }

    /** The framework's own look at what a search found. */
    private static boolean matches(String how, String found, String value) {
        if (found == null) {
            return false;
        }
        switch (how) {
        case "starts":
            return found.startsWith(value);
        case "ends":
            return found.endsWith(value);
        case "contains":
            return found.contains(value);
        default:
            return found.equals(value);
        }
    }

    private static void tell(List<String> found, Map<String, String> object) {
        found.add("" + object.size());
        object.forEach((name, value) -> found.addAll(List.of(name, value)));
    }

    private static List<Map<String, String>> read(Process process) throws Exception {
        List<Map<String, String>> objects = new ArrayList<>();
        StringBuilder block = new StringBuilder();
        try (BufferedReader lines =
                 new BufferedReader(new InputStreamReader(process.getInputStream()))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.contains(SEPARATOR)) {
                    block.append(line).append('\n');
                } else if (block.length() > 0) {
                    objects.add(object(block.toString()));
                    block.setLength(0);
                }
            }
        }
        if (block.length() > 0) {
            objects.add(object(block.toString()));
        }
        process.waitFor();
        return objects;
    }

    private static Map<String, String> object(String block) throws IOException {
        Properties properties = new Properties();
        properties.load(new ByteArrayInputStream(block.getBytes(StandardCharsets.UTF_8)));
        Map<String, String> object = new LinkedHashMap<>();
        properties.forEach((name, value) -> object.put((String) name, (String) value));
        if (!object.containsKey("__UID__") || object.getOrDefault("__NAME__", "").isBlank()) {
            throw new IllegalArgumentException("The Attribute set must contain a Uid and a Name");
        }
        return object;
    }
}
