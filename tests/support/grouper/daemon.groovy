// Runs a script as Grouper's daemon does. Arguments: the script, and JSON with `subjects` (attributes by id),
// `groups` (ids by name) and `events` (group and id). Prints the log, and what came of the script.
import edu.internet2.middleware.grouper.Group
import edu.internet2.middleware.grouper.GroupFinder
import edu.internet2.middleware.grouper.Member
import edu.internet2.middleware.grouper.SubjectFinder
import edu.internet2.middleware.grouper.app.loader.OtherJobScript
import edu.internet2.middleware.subject.Subject
import groovy.json.JsonSlurper

def data = new JsonSlurper().parse(new File(args[1]), 'UTF-8')
data.subjects.each { id, attributes ->
    SubjectFinder.SUBJECTS[id] = new Subject(id, attributes.collectEntries { name, values -> [name, values as Set] })
}
data.groups.each { name, ids ->
    def group = new Group()
    ids.each { group.members << new Member(it.startsWith('app:') ? 'g:gsa' : 'ldap', it) }
    GroupFinder.GROUPS[name] = group
}
def number = 100L
def events = (data.events ?: []).collect { group, id ->
    [sequenceNumber: number++, esbEvent: [groupName: group, subjectId: id, sourceId: id.startsWith('app:') ? 'g:gsa' : 'ldap']]
}
def log = OtherJobScript.LOG
def shell = new GroovyShell(this.class.classLoader,
                            new Binding([gsh_builtin_esbEventContainers: events, gsh_builtin_hib3GrouperLoaderLog: log]))
try {
    println "returned ${shell.evaluate(new File(args[0]))}"
} catch (Exception e) {
    println "threw ${e.message}"
}
println log
