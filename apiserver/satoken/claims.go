package satoken

import (
	"encoding/json"
	"time"
)

// Issuer is who the tokens say has issued them, and, unless a request says
// otherwise, who they are for: kubeadm's default.
const Issuer = "https://kubernetes.default.svc.cluster.local"

// Claims are what a token says, in the order in which upstream writes it.
type Claims struct {
	Audience   []string `json:"aud,omitempty"`
	Expiry     int64    `json:"exp,omitempty"` // times are in seconds since 1970
	IssuedAt   int64    `json:"iat,omitempty"`
	Issuer     string   `json:"iss,omitempty"`
	ID         string   `json:"jti,omitempty"`
	Kubernetes Bound    `json:"kubernetes.io"`
	NotBefore  int64    `json:"nbf,omitempty"`
	Subject    string   `json:"sub,omitempty"`
}

// Bound are the objects that a token falls with.
type Bound struct {
	Namespace      string `json:"namespace,omitempty"`
	Node           *Ref   `json:"node,omitempty"`
	Pod            *Ref   `json:"pod,omitempty"`
	Secret         *Ref   `json:"secret,omitempty"`
	ServiceAccount Ref    `json:"serviceaccount"`
	// WarnAfter is when the token should have been renewed.
	WarnAfter int64 `json:"warnafter,omitempty"`
}

// Ref is one object.
type Ref struct {
	Name string `json:"name,omitempty"`
	UID  string `json:"uid,omitempty"`
}

// How long tokens live whose Pods may not know that they must be renewed.
const (
	// warnOnlyAfter marks them: it is what the ServiceAccount plugin asks for.
	warnOnlyAfter    = 3607 * time.Second
	extendedLifetime = 365 * 24 * time.Hour
)

// Sign makes a token of claims. They must say all but the issuer.
func (k *Key) Sign(c Claims) (string, error) {
	c.Issuer = Issuer
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return k.signPayload(payload)
}

func (k *Key) signPayload(payload []byte) (string, error) {
	input := k.header() + "." + text(payload)
	signature, err := k.sign(input)
	if err != nil {
		return "", err
	}
	return input + "." + signature, nil
}
