import java.io.FileInputStream;
import java.security.MessageDigest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Reads a ZIP front to back, as Alma's loader may: "NAME SIZE SHA-256" for each member. */
public final class ReadZip {
    public static void main(String[] arguments) throws Exception {
        byte[] chunk = new byte[65536];
        try (ZipInputStream zip = new ZipInputStream(new FileInputStream(arguments[0]))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                long size = entry.getSize();
                long got = 0;
                for (int length = zip.read(chunk); length >= 0; length = zip.read(chunk)) {
                    digest.update(chunk, 0, length);
                    got += length;
                }
                if (size != got) {
                    throw new IllegalStateException("the local header says " + size + ", got " + got);
                }
                StringBuilder text = new StringBuilder();
                for (byte b : digest.digest()) {
                    text.append(String.format("%02x", b));
                }
                System.out.println(entry.getName() + " " + got + " " + text);
            }
        }
    }
}
