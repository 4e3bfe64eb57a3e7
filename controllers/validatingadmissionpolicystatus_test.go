package controllers

import (
	"strings"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

// distrust warns of expressions with a question mark in them.
func distrust(_ reconcile.View, p *admissionregistrationv1.ValidatingAdmissionPolicy) (warnings []admissionregistrationv1.ExpressionWarning) {
	for _, v := range p.Spec.Validations {
		if strings.Contains(v.Expression, "?") {
			warnings = append(warnings, admissionregistrationv1.ExpressionWarning{FieldRef: "spec.validations", Warning: v.Expression})
		}
	}
	return warnings
}

func TestValidatingAdmissionPolicyStatus(t *testing.T) {
	decisiontest.Run(t, "testdata/validatingadmissionpolicystatus", ValidatingAdmissionPolicyStatus(distrust))
}
