import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Starts scripts as LSC's executable plug-in 1.4 does: pipes, environment and exit status. */
final class LscScripts {
    /** What came of a script; `said` is its standard error. */
    record Outcome(int status, String output, String said) {
    }

    private final String[] variables;
    private final StringBuffer log = new StringBuffer();

    /** `variables` ("NAME=value") are all of the scripts' environment. */
    LscScripts(List<String> variables) {
        this.variables = variables.toArray(new String[0]);
    }

    /** All input is written before any output is read, and messages are read when all is over. */
    Outcome execute(String script, String argument, String input) throws Exception {
        String[] words = argument == null ? new String[] {script} : new String[] {script, argument};
        Process process = Runtime.getRuntime().exec(words, variables);
        String output = "";
        try {
            OutputStream stream = process.getOutputStream();
            stream.write(input.getBytes());
            stream.flush();
            stream.close();
            output = Driver.readAll(process.getInputStream());
            process.waitFor();
        } catch (IOException e) {
            log("ERROR: an I/O exception while writing/reading data to/from script");
        }
        String said = Driver.readAll(process.getErrorStream());
        for (String line : said.split("\n")) {
            log(line.matches("(DEBUG|INFO|WARN|ERROR): .*") ? line : "WARN: " + line);
        }
        return new Outcome(process.exitValue(), output, said);
    }

    /** The same, but the script is dead where `bytes` of its input were written. */
    void kill(String script, String argument, String input, int bytes) throws Exception {
        Process process = Runtime.getRuntime().exec(new String[] {script, argument}, variables);
        Driver.killAt(process, input.getBytes(), bytes);
    }

    String read(String script, String argument, String input) throws Exception {
        Outcome outcome = execute(script, argument, input);
        if (outcome.status != 0) {
            throw new IOException("exit code=" + outcome.status + ": " + outcome.said);
        }
        return outcome.output;
    }

    /** LDIF with a fault is an empty list, and a line of the log. */
    List<LscLdif.Bean> list(String script, String argument, String input) throws Exception {
        String output = read(script, argument, input);
        try {
            return LscLdif.read(output);
        } catch (IOException | IllegalArgumentException e) {
            log("ERROR: Can't parse entries: " + e.getMessage());
            return List.of();
        }
    }

    /** The entry with these pivots, of which the first value counts; null: none, or several. */
    LscLdif.Bean get(String script, String name, Map<String, Set<String>> pivots) throws Exception {
        StringBuilder input = new StringBuilder();
        pivots.forEach((pivot, values) -> LscLdif.line(input, pivot, values.iterator().next()));
        List<LscLdif.Bean> found = list(script, name, input.toString());
        if (found.size() != 1) {
            log("DEBUG: Entries count: " + found.size());
            return null;
        }
        return found.get(0);
    }

    /** What the scripts said so far, with a level before each line. */
    String log() {
        return log.toString();
    }

    private void log(String line) {
        if (!line.equals("WARN: ")) {
            log.append(line + "\n");
        }
    }
}
