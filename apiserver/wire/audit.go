package wire

import (
	"encoding/json"
	"fmt"
	"net/http"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// audit is the audit log's view of one request: one Event that is written at
// each stage, with what is known by then.
//
// Upstream: k8s.io/apiserver/pkg/audit under a policy of one rule, level Metadata for everything, without annotations about slow requests and expired certificates.
type audit struct {
	event auditv1.Event
	log   *server
	// anonymous: nobody knows who asks, so there is one stage only.
	anonymous bool
}

// newAudit begins the Event of a request, which need not have a user.
func newAudit(o *observed, info *request.RequestInfo, user *apiserver.User) *audit {
	a := &audit{log: o.server, event: auditv1.Event{
		TypeMeta:                 metav1.TypeMeta{Kind: "Event", APIVersion: auditv1.SchemeGroupVersion.String()},
		Level:                    auditv1.LevelMetadata,
		AuditID:                  types.UID(o.Header().Get("Audit-ID")),
		RequestURI:               o.r.URL.RequestURI(),
		Verb:                     info.Verb,
		User:                     auditUser(user),
		UserAgent:                userAgent(o.r),
		RequestReceivedTimestamp: metav1.NewMicroTime(o.server.Now()),
	}}
	for _, ip := range utilnet.SourceIPs(o.r) {
		a.event.SourceIPs = append(a.event.SourceIPs, ip.String())
	}
	if asked := attributesOf(o.r, user, info); asked.IsResource() {
		a.event.ObjectRef = &auditv1.ObjectReference{
			Namespace: asked.Namespace, Name: asked.Name, Resource: asked.Resource, Subresource: asked.Subresource,
			APIGroup: asked.Group, APIVersion: info.APIVersion,
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

func auditUser(u *apiserver.User) authenticationv1.UserInfo {
	info := authenticationv1.UserInfo{Username: u.Name, UID: u.UID, Groups: u.Groups}
	for key, values := range u.Extra { // any order: a map is copied
		if info.Extra == nil {
			info.Extra = map[string]authenticationv1.ExtraValue{}
		}
		info.Extra[key] = values
	}
	return info
}

// write appends the event as a line to the log.
func (a *audit) write(stage auditv1.Stage) {
	e := &a.event
	e.Stage = stage
	e.StageTimestamp = metav1.NewMicroTime(a.log.Now())
	if stage == auditv1.StageRequestReceived {
		e.StageTimestamp = e.RequestReceivedTimestamp
	}
	line, err := json.Marshal(e)
	if err != nil {
		return // strings and times
	}
	a.log.auditing.Lock()
	defer a.log.auditing.Unlock()
	_, _ = a.log.Audit.Write(append(line, '\n')) // a full disk must not stop the cluster
}

// noteCode is told what the answer begins with.
func (a *audit) noteCode(code int) {
	if a.event.ResponseStatus == nil {
		a.event.ResponseStatus = &metav1.Status{}
	}
	a.event.ResponseStatus.Code = int32(code)
}

// noteStatus is told of an answer that is a Status.
func (a *audit) noteStatus(s *metav1.Status) {
	a.event.ResponseStatus = &metav1.Status{Status: s.Status, Message: s.Message, Reason: s.Reason, Details: s.Details, Code: s.Code}
}

func (a *audit) noteImpersonation(acting *apiserver.User, constraint string) {
	user := auditUser(acting)
	a.event.ImpersonatedUser = &user
	if constraint != "" {
		a.event.AuthenticationMetadata = &auditv1.AuthenticationMetadata{ImpersonationConstraint: constraint}
	}
}

// annotate keeps the first value of a key, as upstream does.
func (a *audit) annotate(key, value string) {
	if a.event.Annotations == nil {
		a.event.Annotations = map[string]string{}
	}
	if _, ok := a.event.Annotations[key]; !ok {
		a.event.Annotations[key] = value
	}
}

// noteDecision is told what the authorisers have decided.
func (a *audit) noteDecision(d auth.Decision) {
	decision := "forbid"
	if d.Allowed {
		decision = "allow"
	}
	a.annotate("authorization.k8s.io/decision", decision)
	a.annotate("authorization.k8s.io/reason", d.Reason)
}

// noteDeprecation is told which endpoint has served the request.
func (a *audit) noteDeprecation(e *endpoint) {
	if e == nil || e.deprecated == "" {
		return
	}
	a.annotate("k8s.io/deprecated", "true")
	if e.removedIn != "" {
		a.annotate("k8s.io/removed-release", e.removedIn)
	}
}

// complete is told that the answer is complete.
func (a *audit) complete(o *observed) {
	a.noteDeprecation(o.endpoint)
	if a.event.ResponseStatus == nil {
		a.noteStatus(&metav1.Status{Code: http.StatusOK, Status: metav1.StatusSuccess, Message: "Connection closed early"})
		if isLong(o.info) {
			a.write(auditv1.StageResponseStarted)
		}
	}
	a.write(auditv1.StageResponseComplete)
}

// panicked is told why there will be no complete answer.
func (a *audit) panicked(reason any) {
	a.noteStatus(&metav1.Status{
		Code: http.StatusInternalServerError, Status: metav1.StatusFailure, Reason: metav1.StatusReasonInternalError,
		Message: fmt.Sprintf("APIServer panic'd: %v", reason),
	})
	a.write(auditv1.StagePanic)
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

// noteAnnotations hands the door's annotations to the audit log.
func noteAnnotations(w http.ResponseWriter, annotations map[string]string) {
	if o, ok := w.(*observed); ok && o.audit != nil {
		for key, value := range annotations { // any order: a map is copied
			o.audit.annotate(key, value)
		}
	}
}

// noteStatus tells the audit log that the answer is a Status.
func noteStatus(w http.ResponseWriter, status *metav1.Status) {
	if o, ok := w.(*observed); ok && o.audit != nil {
		o.audit.noteStatus(status)
	}
}

// noteDecision tells the audit log whether the request is allowed.
func noteDecision(w http.ResponseWriter, d auth.Decision) {
	if o, ok := w.(*observed); ok && o.audit != nil {
		o.audit.noteDecision(d)
	}
}
