import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/** The LDIF that LSC writes and what it reads, with the oddities of both. */
final class LscLdif {
    /** An entry as LSC has it: names of attributes in lower case, values as text. */
    record Bean(String dn, Map<String, Set<String>> attributes) {
    }

    /** One attribute of a change: "add", "replace" or "delete". */
    record Change(String kind, String attribute, List<String> values) {
    }

    /** The DN and what happens to it; of a rename only `newDn` counts, of a removal nothing. */
    record Record(String dn, String operation, String newDn, List<Change> changes) {
        /** A new RDN is never Base64: so LSC does. */
        String text() throws InvalidNameException {
            StringBuilder text = new StringBuilder("# " + new Date() + "\n");
            line(text, "dn", dn);
            text.append("changetype: ").append(operation).append('\n');
            for (Change change : changes) {
                boolean part = operation.equals("modify");
                text.append(part ? change.kind + ": " + change.attribute + "\n" : "");
                change.values.forEach(value -> line(text, change.attribute, value));
                text.append(part ? "-\n" : "");
            }
            if (operation.equals("modrdn")) {
                LdapName name = new LdapName(newDn);
                int last = name.size() - 1;
                text.append("newrdn: ").append(name.get(last)).append("\ndeleteoldrdn: 1\n");
                text.append("newsuperior: ").append(name.getPrefix(last)).append('\n');
            }
            return text.append('\n').toString();
        }
    }

    /** One line, never folded. */
    static void line(StringBuilder text, String attribute, String value) {
        String coded = Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
        text.append(attribute).append(isSafe(value) ? ": " + value : ":: " + coded).append('\n');
    }

    private static boolean isSafe(String value) {
        boolean begins = value.isEmpty() || " :<".indexOf(value.charAt(0)) < 0;
        return begins && value.chars().allMatch(c -> c < 128 && c != 0 && c != '\n' && c != '\r');
    }

    /** Content records. As Apache's LdifReader does, it fails as a whole. */
    static List<Bean> read(String text) throws IOException {
        List<Bean> beans = new ArrayList<>();
        String unfolded = text.replace("\r\n", "\n").replace("\n ", "");
        for (String block : unfolded.split("\n\n+")) {
            Bean bean = null;
            for (String line : block.split("\n")) {
                if (line.isEmpty() || line.startsWith("#") || line.startsWith("version:")) {
                    continue;
                }
                bean = add(bean, line);
            }
            if (bean != null) {
                beans.add(bean);
            }
        }
        return beans;
    }

    private static Bean add(Bean bean, String line) throws IOException {
        int colon = line.indexOf(':');
        if (colon < 1) {
            throw new IOException("no attribute: " + line);
        }
        String name = line.substring(0, colon).toLowerCase();
        String value = line.substring(colon + 1);
        if (value.startsWith(":")) {
            byte[] bytes = Base64.getDecoder().decode(value.substring(1).strip());
            value = new String(bytes, StandardCharsets.UTF_8);
        } else {
            value = value.replaceFirst("^ +", "");
        }
        if (bean != null) {
            bean.attributes.computeIfAbsent(name, key -> new LinkedHashSet<>()).add(value);
            return bean;
        }
        try {
            if (!name.equals("dn") || new LdapName(value).isEmpty()) {
                throw new IOException("no dn: " + line);
            }
        } catch (InvalidNameException e) {
            throw new IOException("not a dn: " + value, e);
        }
        return new Bean(value, new LinkedHashMap<>());
    }

    private LscLdif() {
    }
}
