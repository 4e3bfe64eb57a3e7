package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/minik8s/minik8s/kinds"
)

func TestEveryGroupVersionHasAnAPIService(t *testing.T) {
	w := newWorld(t)
	res, err := w.Do(w.request(List, "apiservices", ""))
	require.NoError(t, err)
	found := map[string]*apiregistrationv1.APIService{}
	for _, item := range res.Items {
		service := item.(*apiregistrationv1.APIService)
		found[service.Name] = service
	}
	for name, want := range map[string]kinds.Priority{
		"v1.": {GroupMinimum: 18000, Version: 1}, "v2.autoscaling": {GroupMinimum: 17500, Version: 30}, "v1.autoscaling": {GroupMinimum: 17500, Version: 15},
		"v1.events.k8s.io": {GroupMinimum: 17750, Version: 15}, "v1beta1.metrics.k8s.io": {GroupMinimum: 100, Version: 100},
	} {
		require.NotNil(t, found[name], name)
		require.Equal(t, want, kinds.Priority{GroupMinimum: found[name].Spec.GroupPriorityMinimum, Version: found[name].Spec.VersionPriority}, name)
		require.Equal(t, apiregistrationv1.ConditionTrue, found[name].Status.Conditions[0].Status)
	}
	require.NotContains(t, found, "v1.apiregistration.k8s.io")
	require.Equal(t, "v1.apps", w.get("apiservices", "v1.apps").GetName())
	require.Nil(t, w.get("apiservices", "v1.nothing"))
}

func TestAPIServicesFollowCustomResources(t *testing.T) {
	w := newWorld(t)
	require.Nil(t, w.get("apiservices", "v1.example.com"))
	names := apiextensionsv1.CustomResourceDefinitionNames{Plural: "widgets", Singular: "widget", Kind: "Widget", ListKind: "WidgetList"}
	schema := &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object"}}
	w.put(customResourceDefinitions, &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets.example.com", UID: "1"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "example.com", Scope: apiextensionsv1.NamespaceScoped, Names: names,
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{
				{Name: "v1", Served: true, Storage: true, Schema: schema},
				{Name: "v1alpha1", Served: false, Schema: schema},
			},
			Conversion: &apiextensionsv1.CustomResourceConversion{Strategy: apiextensionsv1.NoneConverter},
		},
		Status: apiextensionsv1.CustomResourceDefinitionStatus{
			AcceptedNames: names,
			Conditions: []apiextensionsv1.CustomResourceDefinitionCondition{
				{Type: apiextensionsv1.NamesAccepted, Status: apiextensionsv1.ConditionTrue},
				{Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue},
			},
		},
	}, "")
	service := w.get("apiservices", "v1.example.com").(*apiregistrationv1.APIService)
	require.EqualValues(t, 1000, service.Spec.GroupPriorityMinimum)
	require.EqualValues(t, 100, service.Spec.VersionPriority)
	require.Equal(t, "true", service.Labels[automanaged])
	require.Nil(t, w.get("apiservices", "v1alpha1.example.com"), "it is not served")
}
