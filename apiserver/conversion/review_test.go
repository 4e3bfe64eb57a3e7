package conversion

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/outside"
)

var v2 = schema.GroupVersion{Group: "example.com", Version: "v2"}

func definition(reviewVersions ...string) *apiextensionsv1.CustomResourceDefinition {
	crd := &apiextensionsv1.CustomResourceDefinition{}
	crd.UID = "1"
	crd.Spec.Conversion = &apiextensionsv1.CustomResourceConversion{Webhook: &apiextensionsv1.WebhookConversion{
		ClientConfig:             &apiextensionsv1.WebhookClientConfig{URL: ptr.To("https://convert.example.com/doors"), CABundle: []byte(" \n")},
		ConversionReviewVersions: reviewVersions,
	}}
	return crd
}

func object(version string, metadata map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.com/" + version, "kind": "Door", "metadata": metadata}}
}

// TestQuestionOutlastsDraws: what the server draws anew at each try is sent,
// but makes no other question, unless the answer has to repeat it.
func TestQuestionOutlastsDraws(t *testing.T) {
	question := func(metadata map[string]any) *outside.Question {
		q, err := NewReview(definition("v1"), []*unstructured.Unstructured{object("v1", metadata)}, v2).Question(nil)
		require.NoError(t, err)
		return q
	}
	first := question(map[string]any{"name": "a", "uid": "u", "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z"})
	require.Equal(t, "https://convert.example.com/doors", first.URL)
	require.Empty(t, first.CABundle, "only spaces")
	var review apiextensionsv1.ConversionReview
	require.NoError(t, json.Unmarshal(first.Body, &review))
	require.Equal(t, "example.com/v2", review.Request.DesiredAPIVersion)
	require.Contains(t, string(review.Request.Objects[0].Raw), `"resourceVersion":"1"`)
	require.Equal(t, first.Key, question(map[string]any{"name": "a", "uid": "u", "resourceVersion": "2"}).Key)
	require.NotEqual(t, first.Key, question(map[string]any{"name": "a", "uid": "w"}).Key)
	require.NotEqual(t, first.Key, question(map[string]any{"name": "a", "uid": "u", "generation": int64(2)}).Key)

	_, err := NewReview(definition("v7"), []*unstructured.Unstructured{object("v1", nil)}, v2).Question(nil)
	require.EqualError(t, err, "no supported conversion review versions")
}

// TestAnswersAboutLists: errors say which of the objects is wrong.
func TestAnswersAboutLists(t *testing.T) {
	for name, test := range map[string]struct {
		second *unstructured.Unstructured
		want   string
	}{
		"fine":         {second: object("v2", map[string]any{"name": "b", "annotations": map[string]any{"k": "v"}})},
		"version":      {object("v1", map[string]any{"name": "b"}), "returned invalid converted object at index 1: invalid groupVersion (expected example.com/v2, received example.com/v1)"},
		"name":         {object("v2", map[string]any{"name": "c"}), "returned invalid converted object at index 1: must have the same name: b != c"},
		"annotations":  {object("v2", map[string]any{"name": "b", "annotations": map[string]any{"k": int64(1)}}), "returned invalid metadata in object at index 1: metadata.annotations[k] must be a string, but is int64 in converted object"},
		"metadata":     {&unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.com/v2", "kind": "Door", "metadata": "none"}}, "returned invalid converted object at index 1: must have the same name: b != "},
		"no object":    {&unstructured.Unstructured{Object: map[string]any{"apiVersion": "example.com/v2"}}, "returned invalid converted object at index 1: Object 'Kind' is missing in"},
		"nothing more": {nil, "returned 1 objects, expected 2"},
	} {
		t.Run(name, func(t *testing.T) {
			originals := []*unstructured.Unstructured{object("v1", map[string]any{"name": "a"}), object("v1", map[string]any{"name": "b", "labels": map[string]any{"k": "v"}})}
			r := NewReview(definition("v1"), originals, v2)
			_, err := r.Question(nil)
			require.NoError(t, err)
			response := &apiextensionsv1.ConversionResponse{UID: r.id, Result: metav1.Status{Status: metav1.StatusSuccess}}
			for _, u := range []*unstructured.Unstructured{object("v2", map[string]any{"name": "a"}), test.second} {
				if u != nil {
					raw, err := json.Marshal(u.Object)
					require.NoError(t, err)
					response.ConvertedObjects = append(response.ConvertedObjects, runtime.RawExtension{Raw: raw})
				}
			}
			body, err := json.Marshal(&apiextensionsv1.ConversionReview{
				TypeMeta: metav1.TypeMeta{APIVersion: "apiextensions.k8s.io/v1", Kind: "ConversionReview"}, Response: response,
			})
			require.NoError(t, err)
			converted, err := r.Objects(outside.Answer{Body: body})
			if test.want != "" {
				require.ErrorContains(t, err, "conversion webhook for example.com/v1, Kind=Door "+test.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, map[string]any{"name": "b", "annotations": map[string]any{"k": "v"}}, converted[1].Object["metadata"])
		})
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	r := NewReview(definition("v1"), []*unstructured.Unstructured{object("v1", nil)}, v2)
	_, err := r.Question(nil)
	require.NoError(t, err)
	for body, want := range map[string]string{
		"":       "failed: ",
		"[":      "failed: yaml: line 1: ",
		"{}":     "failed: expected webhook response of apiextensions.k8s.io/v1, Kind=ConversionReview, got /, Kind=",
		`{"a":1`: "failed: couldn't get version/kind; json parse error: unexpected end of JSON input",
	} {
		_, err := r.Objects(outside.Answer{Body: []byte(body)})
		require.ErrorContains(t, err, "conversion webhook for example.com/v1, Kind=Door "+want, body)
	}
	_, err = r.Objects(outside.Answer{Err: "nobody there"})
	require.EqualError(t, err, "conversion webhook for example.com/v1, Kind=Door failed: nobody there")
}
