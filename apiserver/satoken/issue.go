package satoken

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
)

// Order is what is asked for in a token.
type Order struct {
	Account   metav1.Object
	Audiences []string
	Lifetime  time.Duration
	Now       time.Time
	// At most one of Pod and Secret is set; Node may be alone, or that of Pod.
	Pod, Secret, Node *Ref
}

// RefTo names an object.
func RefTo(m metav1.Object) *Ref { return &Ref{Name: m.GetName(), UID: string(m.GetUID())} }

// Issue makes a token. Its ID, which is returned too, is computed from what it says, so that two that
// are asked for alike at one instant are one.
//
// Upstream: pkg/serviceaccount (Claims), with an ID that is not random.
func (k *Key) Issue(o Order) (token, id string, err error) {
	c := Claims{
		Audience: o.Audiences,
		IssuedAt: o.Now.Unix(), NotBefore: o.Now.Unix(), Expiry: o.Now.Add(o.Lifetime).Unix(),
		Subject: serviceaccount.MakeUsername(o.Account.GetNamespace(), o.Account.GetName()),
		Kubernetes: Bound{
			Namespace: o.Account.GetNamespace(), ServiceAccount: *RefTo(o.Account),
			Pod: o.Pod, Secret: o.Secret, Node: o.Node,
		},
	}
	ofCluster := !slices.ContainsFunc(o.Audiences, func(audience string) bool { return audience != Issuer })
	if o.Pod != nil && o.Lifetime == warnOnlyAfter && ofCluster {
		c.Kubernetes.WarnAfter, c.Expiry = c.Expiry, o.Now.Add(extendedLifetime).Unix()
	}
	said, err := json.Marshal(c)
	if err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(append(said, k.id...))
	drawn := uuid.UUID(sum[:16])
	drawn[6], drawn[8] = drawn[6]&0x0f|0x40, drawn[8]&0x3f|0x80 // version 4, as upstream's
	c.ID = drawn.String()
	token, err = k.Sign(c)
	return token, c.ID, err
}
