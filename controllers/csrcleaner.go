package controllers

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// How long CertificateSigningRequests are kept, by what has become of them.
const (
	keepAnswered   = time.Hour // since it was approved and issued, denied, or failed
	keepUnanswered = 24 * time.Hour
)

// CSRCleaner deletes CertificateSigningRequests that nobody has a use for any
// more: their certificate has been there for an hour or is past its end, they
// were denied or failed an hour ago, or nobody has done anything for a day.
//
// Upstream: pkg/controller/certificates/cleaner (CSRCleanerController), which looks once an hour where this comes back when it is time; a condition that says it is older than its request is taken to be as old as that.
func CSRCleaner() reconcile.Component {
	return reconcile.Component{
		Name:      "certificatesigningrequest-cleaner-controller",
		User:      certificateUser,
		For:       reconcile.CertificateSigningRequests.GroupResource,
		Watches:   []reconcile.Watch{reconcile.Self(reconcile.CertificateSigningRequests.GroupResource).If(isPresent)},
		Reconcile: cleanRequest,
	}
}

func isPresent(_, after reconcile.Object) bool { return after != nil }

func cleanRequest(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	csr, ok := reconcile.CertificateSigningRequests.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	at, why := endOfRequest(csr)
	switch left := at.Sub(v.Now()); {
	case at.IsZero():
	case left < 0:
		plan.Delete(csr, "%s", why)
	default:
		plan.Heartbeat(left+time.Second, "delete it then")
	}
	return plan, nil
}

// endOfRequest is the first moment after which a request is to go, and why. It
// is zero if there is none.
func endOfRequest(csr *certificatesv1.CertificateSigningRequest) (first time.Time, why string) {
	until := func(at time.Time, reason string) {
		if first.IsZero() || at.Before(first) {
			first, why = at, reason
		}
	}
	issued := len(csr.Status.Certificate) > 0
	if len(csr.Status.Conditions) == 0 && !csr.CreationTimestamp.IsZero() {
		until(csr.CreationTimestamp.Add(keepUnanswered), fmt.Sprintf("nobody has approved or denied it for %s", keepUnanswered))
	}
	for i := range csr.Status.Conditions {
		c := &csr.Status.Conditions[i]
		if end, ok := endOf(csr.Status.Certificate); ok && c.Type == certificatesv1.CertificateApproved {
			until(end, "its certificate is past its end")
		}
		if c.LastUpdateTime.IsZero() {
			continue
		}
		updated := c.LastUpdateTime.Time
		if created := csr.CreationTimestamp.Time; created.After(updated) {
			updated = created // whoever approved it goes by another clock than the cluster
		}
		switch {
		case c.Type == certificatesv1.CertificateDenied:
			until(updated.Add(keepAnswered), fmt.Sprintf("it was denied %s ago", keepAnswered))
		case c.Type == certificatesv1.CertificateFailed:
			until(updated.Add(keepAnswered), fmt.Sprintf("it failed %s ago", keepAnswered))
		case c.Type == certificatesv1.CertificateApproved && issued:
			until(updated.Add(keepAnswered), fmt.Sprintf("it was approved %s ago, and its certificate is there", keepAnswered))
		case c.Type == certificatesv1.CertificateApproved:
			until(updated.Add(keepUnanswered), fmt.Sprintf("it was approved %s ago, and nobody has signed it", keepUnanswered))
		}
	}
	return first, why
}

// endOf is until when a certificate in PEM lasts, if that can be read.
func endOf(certificate []byte) (time.Time, bool) {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return time.Time{}, false
	}
	all, err := x509.ParseCertificates(block.Bytes)
	if err != nil || len(all) == 0 {
		return time.Time{}, false
	}
	return all[0].NotAfter, true
}
