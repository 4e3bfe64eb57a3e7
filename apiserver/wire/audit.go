package wire

import (
	"encoding/json"
	"net/http"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/minik8s/minik8s/apiserver"
)

// audit is the audit log's view of one request: one Event that is written at
// each stage, with what is known by then.
//
// Upstream: k8s.io/apiserver/pkg/audit under a policy of one rule, level Metadata for everything, without the reason of the authorizer in the annotations and without a Panic stage of its own.
type audit struct{ event auditv1.Event }

func newAudit(o *observed) *audit {
	a := &audit{auditv1.Event{
		TypeMeta:                 metav1.TypeMeta{Kind: "Event", APIVersion: auditv1.SchemeGroupVersion.String()},
		Level:                    auditv1.LevelMetadata,
		AuditID:                  types.UID(o.Header().Get("Audit-ID")),
		RequestURI:               o.r.URL.RequestURI(),
		Verb:                     o.info.Verb,
		User:                     auditUser(o.user),
		UserAgent:                userAgent(o.r),
		RequestReceivedTimestamp: metav1.NewMicroTime(o.server.Now()),
	}}
	for _, ip := range utilnet.SourceIPs(o.r) {
		a.event.SourceIPs = append(a.event.SourceIPs, ip.String())
	}
	if info := o.info; info.IsResourceRequest {
		a.event.ObjectRef = &auditv1.ObjectReference{
			Namespace: info.Namespace, Name: info.Name, Resource: info.Resource, Subresource: info.Subresource,
			APIGroup: info.APIGroup, APIVersion: info.APIVersion,
		}
	}
	return a
}

// longestAgent is how much of a user agent is written down, as upstream's.
const longestAgent = 1024

func userAgent(r *http.Request) string {
	agent := r.UserAgent()
	if len(agent) > longestAgent {
		return agent[:longestAgent] + "...TRUNCATED"
	}
	return agent
}

func auditUser(u apiserver.User) authenticationv1.UserInfo {
	info := authenticationv1.UserInfo{Username: u.Name, UID: u.UID, Groups: u.Groups}
	for key, values := range u.Extra {
		if info.Extra == nil {
			info.Extra = map[string]authenticationv1.ExtraValue{}
		}
		info.Extra[key] = values
	}
	return info
}

// write appends the event as a line to the log.
func (a *audit) write(o *observed, stage auditv1.Stage) {
	e := &a.event
	e.Stage = stage
	e.StageTimestamp = metav1.NewMicroTime(o.server.Now())
	if stage == auditv1.StageRequestReceived {
		e.StageTimestamp = e.RequestReceivedTimestamp
	} else {
		a.complete(o)
	}
	line, err := json.Marshal(e)
	if err != nil {
		return // strings and times
	}
	o.server.auditing.Lock()
	defer o.server.auditing.Unlock()
	_, _ = o.server.Audit.Write(append(line, '\n')) // a full disk must not stop the cluster
}

func (a *audit) complete(o *observed) {
	e := &a.event
	e.Annotations = map[string]string{"authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": ""}
	if o.denied {
		e.Annotations["authorization.k8s.io/decision"] = "forbid"
	}
	if o.impersonates() {
		impersonated := auditUser(o.acting)
		e.ImpersonatedUser = &impersonated
	}
	e.ResponseStatus = &metav1.Status{Code: int32(o.code)}
	if s := o.status; s != nil {
		e.ResponseStatus.Status, e.ResponseStatus.Message, e.ResponseStatus.Reason, e.ResponseStatus.Details = s.Status, s.Message, s.Reason, s.Details
	}
}

// noteObject completes the reference to the object from a request's body.
func (a *audit) noteObject(obj runtime.Object) {
	m, err := meta.Accessor(obj)
	ref := a.event.ObjectRef
	if err != nil || ref == nil {
		return
	}
	for _, part := range []struct {
		into *string
		text string
	}{{&ref.Namespace, m.GetNamespace()}, {&ref.Name, m.GetName()}, {&ref.ResourceVersion, m.GetResourceVersion()}} {
		if *part.into == "" {
			*part.into = part.text
		}
	}
	if ref.UID == "" {
		ref.UID = m.GetUID()
	}
}

// noteObject tells the audit log what was in a body.
func noteObject(w http.ResponseWriter, obj runtime.Object) {
	if o, ok := w.(*observed); ok && o.audit != nil {
		o.audit.noteObject(obj)
	}
}
