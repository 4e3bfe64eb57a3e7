package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/admission"
)

// Webhooks are told the options of the operation that they are asked about.
func TestOptionsOfAdmission(t *testing.T) {
	dry := []string{metav1.DryRunAll}
	typed := func(kind string) metav1.TypeMeta { return metav1.TypeMeta{Kind: kind, APIVersion: "meta.k8s.io/v1"} }
	patch := &Request{PatchOptions: &metav1.PatchOptions{DryRun: dry, FieldManager: "me", FieldValidation: "Strict", Force: ptr.To(true)}}
	for _, tt := range []struct {
		request *Request
		op      admission.Operation
		want    runtime.Object
	}{
		{&Request{}, admission.Update, nil},
		{&Request{CreateOptions: &metav1.CreateOptions{DryRun: dry}}, admission.Create, &metav1.CreateOptions{TypeMeta: typed("CreateOptions"), DryRun: dry}},
		{&Request{UpdateOptions: &metav1.UpdateOptions{DryRun: dry}}, admission.Update, &metav1.UpdateOptions{TypeMeta: typed("UpdateOptions"), DryRun: dry}},
		{&Request{DeleteOptions: &metav1.DeleteOptions{TypeMeta: metav1.TypeMeta{Kind: "DeleteOptions", APIVersion: "v1"}}}, admission.Delete, &metav1.DeleteOptions{TypeMeta: typed("DeleteOptions")}},
		{patch, admission.Create, &metav1.CreateOptions{TypeMeta: typed("CreateOptions"), DryRun: dry, FieldManager: "me", FieldValidation: "Strict"}},
		{patch, admission.Update, &metav1.UpdateOptions{TypeMeta: typed("UpdateOptions"), DryRun: dry, FieldManager: "me", FieldValidation: "Strict"}},
	} {
		require.Equal(t, tt.want, tt.request.optionsOf(tt.op))
	}
}
