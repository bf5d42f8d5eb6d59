// What people.gsh and changes.gsh share. Change the settings; the rest is the same everywhere.
import java.nio.file.Files
import javax.naming.ldap.Rdn

def settings() {
    [
        // The program; behind 'sudo', '-n', '-u', 'ldap2alma' where the feed is another account's.
        command   : ['/usr/local/bin/ldap2alma', '-c', '/etc/ldap2alma/people.yaml'],
        // Who is a member of any of them is a user; the mapping sees their names as isMemberOf.
        groups    : ['app:alma:students', 'app:alma:staff'],
        // Subjects of other sources, such as groups, are nobody.
        sources   : ['ldap'],
        // Below what people are kept, and the attribute for the subject's id.
        base      : 'ou=people,dc=example,dc=edu',
        key       : 'employeeNumber',
        // The subject's attributes, and what they are called in the mapping.
        attributes: [uid: 'uid', givenName: 'givenName', sn: 'sn', mail: 'mail'],
    ]
}

def dn(id) {
    "${settings().key}=${Rdn.escapeValue(id)},${settings().base}".toString()
}

def line(name, value) {
    "${name}:: ${value.getBytes('UTF-8').encodeBase64()}\n".toString()
}

/** A person as a record of LDIF: all of it, so that what was taken away is not kept. */
def record(subject, groups) {
    def text = line('dn', dn(subject.id)) + line(settings().key, subject.id)
    settings().attributes.each { name, attribute ->
        (subject.getAttributeValues(name) ?: []).findAll { it }.each { text += line(attribute, it) }
    }
    groups.each { text += line('isMemberOf', it) }
    text + '\n'
}

/** The keys of all who are kept, as far as they come from here. */
def kept() {
    def done = program(['list', '--attribute', settings().key], '')
    if (done.status != 0) {
        throw new IllegalStateException("cannot list who is kept: ${done.said}")
    }
    def keys = []
    done.out.replace('\n ', '').split('\n\n').each { record ->
        def values = record.readLines().findAll { it.contains(':') && !it.startsWith('#') }.collect {
            def (name, value) = [it.substring(0, it.indexOf(':')), it.substring(it.indexOf(':') + 1)]
            value = value.startsWith(':') ? new String(value.substring(1).trim().decodeBase64(), 'UTF-8') : value.trim()
            [name.toLowerCase(), value]
        }
        def where = values.find { it[0] == 'dn' }
        keys += values.findAll { it[0] == settings().key.toLowerCase() && where && dn(it[1]).equalsIgnoreCase(where[1]) }
                      .collect { it[1] }
    }
    keys
}

/** Runs the program: status, out, said. What it reads and says are files, so that no pipe is cut off or blocks. */
def program(words, input) {
    def files = ['in', 'out', 'said'].collect { Files.createTempFile('ldap2alma', it) }
    try {
        Files.write(files[0], input.getBytes('UTF-8'))
        def builder = new ProcessBuilder((settings().command + words).collect { it.toString() })
        builder.environment().put('LC_ALL', 'C.UTF-8')
        builder.redirectInput(files[0].toFile()).redirectOutput(files[1].toFile()).redirectError(files[2].toFile())
        def status = builder.start().waitFor()
        [status: status, out: new String(Files.readAllBytes(files[1]), 'UTF-8'),
         said: new String(Files.readAllBytes(files[2]), 'UTF-8').trim() ?: "exit status ${status}"]
    } finally {
        files.each { Files.delete(it) }
    }
}

/** Removes people; who is not kept is no failure. */
def remove(keys) {
    keys.collate(500).each { some ->
        def done = program(['remove', '--missing-ok', '--'] + some.collect { dn(it) }, '')
        if (done.status != 0) {
            throw new IllegalStateException("cannot remove ${some.size()} people: ${done.said}")
        }
    }
}

this
