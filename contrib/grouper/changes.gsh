// A "change log GSH script" of Grouper: pushes those whose memberships have changed, as they are now.
// See README.md; the settings are in alma.groovy. What it misses people.gsh finds.
import edu.internet2.middleware.grouper.GroupFinder
import edu.internet2.middleware.grouper.SubjectFinder

def alma = new GroovyShell(this.class.classLoader).parse(new File('/etc/ldap2alma/grouper/alma.groovy'))
def settings = alma.settings()
def changed = [:]
def last = -1L
gsh_builtin_esbEventContainers.each { container ->
    def event = container.esbEvent
    if (event.groupName in settings.groups && event.sourceId in settings.sources) {
        changed[event.subjectId] = event.sourceId
    }
    last = container.sequenceNumber
}

// What the events say may be old; what is now counts.
def text = ''
def leavers = []
changed.each { id, source ->
    def subject = SubjectFinder.findByIdAndSource(id, source, false)
    def groups = subject ? settings.groups.findAll { GroupFinder.findByName(it, true).hasMember(subject) } : []
    if (groups) {
        text += alma.record(subject, groups)
    } else if (subject) {
        leavers << id
    } // else the source does not know the person any more, or not now: left to people.gsh
}
if (text) {
    def put = alma.program(['put'], text)
    gsh_builtin_hib3GrouperLoaderLog.appendJobMessage(put.said + '\n')
    if (!(put.status in [0, 2, 65])) {
        throw new IllegalStateException("put ended with ${put.status}") // the events come again
    }
}
alma.remove(leavers)
gsh_builtin_hib3GrouperLoaderLog.addUpdateCount(changed.size() - leavers.size())
gsh_builtin_hib3GrouperLoaderLog.addDeleteCount(leavers.size())
return last
