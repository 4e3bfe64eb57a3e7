package webhook

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	upstream "k8s.io/apiserver/pkg/admission"
	webhookerrors "k8s.io/apiserver/pkg/admission/plugin/webhook/errors"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/generic"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/request"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/apiserver/admission/match"
	"github.com/minik8s/minik8s/apiserver/outside"
)

// review asks a webhook about a request. Besides what verdict knows, the error
// may be that the question has no answer yet.
func (h *hook) review(r *match.Request, target *match.Target) (*upstream.VersionedAttributes, *request.AdmissionResponse, error) {
	if r.DryRun {
		if err := h.dryRunError(); err != nil {
			return nil, nil, err
		}
	}
	versioned, err := r.In(target.Kind)
	if err != nil {
		return nil, nil, apierrors.NewInternalError(err)
	}
	question, id, err := h.question(r, target, versioned)
	if err != nil {
		return nil, nil, err
	}
	answer, err := r.Ask(*question)
	if err != nil {
		return nil, nil, err
	}
	response, err := h.understand(answer, id)
	if err != nil {
		return nil, nil, err
	}
	h.annotate(r, response.AuditAnnotations)
	for _, text := range response.Warnings {
		r.Warn(text)
	}
	if !response.Allowed {
		return nil, nil, &webhookutil.ErrWebhookRejection{Status: webhookerrors.ToStatusErr(h.GetName(), response.Result)}
	}
	return versioned, response, nil
}

// question is the call to make. It proves itself to be the answered one by its
// key, from which the review's own UID follows.
func (h *hook) question(r *match.Request, target *match.Target, versioned *upstream.VersionedAttributes) (*outside.Question, types.UID, error) {
	version, ok := h.reviewVersion()
	if !ok {
		return nil, "", h.failure(errors.New("could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)"))
	}
	if bundle := h.GetClientConfig().CABundle; len(bundle) > 0 && !x509.NewCertPool().AppendCertsFromPEM(bundle) {
		return nil, "", h.failure(errors.New("could not get REST client: unable to load root certificates: unable to parse bytes as PEM block"))
	}
	invocation := &generic.WebhookInvocation{Webhook: h, Resource: target.Resource, Subresource: r.Subresource, Kind: target.Kind}
	lasting, err := json.Marshal(version.build("", steady(versioned), invocation))
	if err != nil {
		return nil, "", apierrors.NewInternalError(err)
	}
	round := strconv.FormatBool(r.Reinvocation.Again)
	key := outside.Key([]byte(h.GetType()), []byte(h.GetUID()), []byte(round), lasting)
	id := types.UID(uuid.NewSHA1(uuid.Nil, []byte(key)).String())
	body, err := json.Marshal(version.build(id, versioned, invocation))
	if err != nil {
		return nil, "", apierrors.NewInternalError(err)
	}
	question := &outside.Question{Key: key, CABundle: h.GetClientConfig().CABundle, Body: body, Timeout: h.timeout()}
	if err := question.Locate(r, h.GetClientConfig()); err != nil {
		return nil, "", h.failure(fmt.Errorf("failed to call webhook: %w", err))
	}
	return question, id, nil
}

func (h *hook) timeout() time.Duration {
	if s := h.GetTimeoutSeconds(); s != nil {
		return time.Duration(*s) * time.Second
	}
	return 10 * time.Second
}

// failure is the error of a webhook that could not be asked, or whose answer
// is no answer.
func (h *hook) failure(reason error) error {
	return &webhookutil.ErrCallingWebhook{WebhookName: h.GetName(), Reason: reason}
}

// verdict is what the error of a call means for the request. index is the place
// of the webhook, for the audit log.
func (h *hook) verdict(a *admission.Attributes, index int, err error) error {
	switch e := err.(type) {
	case *webhookutil.ErrCallingWebhook:
		if p := h.GetFailurePolicy(); p != nil && *p == admissionregistrationv1.Ignore {
			h.annotateFailure(a, index)
			return nil
		}
		return apierrors.NewInternalError(err)
	case *webhookutil.ErrWebhookRejection:
		return e.Status
	}
	return err
}
