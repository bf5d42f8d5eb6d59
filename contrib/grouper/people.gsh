// A script daemon of Grouper: pushes all members of the groups, removes who is none any more, delivers.
// See README.md; the settings are in alma.groovy.
import edu.internet2.middleware.grouper.GroupFinder
import edu.internet2.middleware.grouper.GrouperSession
import edu.internet2.middleware.grouper.app.loader.OtherJobScript

def alma = new GroovyShell(this.class.classLoader).parse(new File('/etc/ldap2alma/grouper/alma.groovy'))
def log = OtherJobScript.retrieveHib3GrouperLoaderLogNotNull()
log.status = 'ERROR' // until all is done

GrouperSession.startRootSession()
def subjects = [:]
def groups = [:].withDefault { [] }
def unknown = [] as Set
alma.settings().groups.each { name ->
    GroupFinder.findByName(name, true).members.each { member ->
        if (member.subjectSourceId in alma.settings().sources) {
            try {
                subjects[member.subjectId] = subjects[member.subjectId] ?: member.subject
                groups[member.subjectId] << name
            } catch (Exception e) {
                unknown << member.subjectId // neither pushed nor removed: the source may be out of order
                println "cannot look up ${member.subjectId}: ${e.message}"
            }
        }
    }
}
if (!subjects) {
    throw new IllegalStateException('nobody is in the groups: nothing was pushed')
}

def put = alma.program(['put'], subjects.collect { id, subject -> alma.record(subject, groups[id]) }.join(''))
println put.said
if (!(put.status in [0, 2, 65])) {
    throw new IllegalStateException("put ended with ${put.status}")
}
def leavers = alma.kept().findAll { !(it in subjects) && !(it in unknown) }
alma.remove(leavers)
log.addTotalCount(subjects.size())
log.addDeleteCount(leavers.size())

def deliver = alma.program(['deliver'], '')
println deliver.said
if (deliver.status != 0) {
    throw new IllegalStateException("deliver ended with ${deliver.status}")
}
log.status = put.status == 65 || unknown ? 'WARNING' : 'SUCCESS'
