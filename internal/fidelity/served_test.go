package main

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile"
)

func TestServed(t *testing.T) {
	jobs := schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "Job"}
	all := []*kinds.Kind{
		{GroupVersionKind: jobs, Resource: "jobs", Versions: []string{"v1beta1"}},
		{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Secret"}, Resource: "secrets"},
		{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Who"}, Resource: "whos", Computed: []string{"create"}},
		{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Row"}, Resource: "rows", Internal: true},
	}
	watch := reconcile.Watch{Resource: schema.GroupResource{Group: "batch", Resource: "jobs"}}
	everything := make([]reconcile.Watch, manyKinds)
	everything[0] = watch
	components := []reconcile.Component{
		{Name: "job-controller", Watches: []reconcile.Watch{watch}},
		{Name: "generic-garbage-collector", Watches: everything},
	}
	require.Equal(t, `| Resource | Versions | Whom its changes wake |
|---|---|---|
| secrets | v1 | no component: stored and validated |
| whos | v1 | computed when asked for |
| jobs.batch | v1, v1beta1 | job-controller |
`, table(rowsOf(all, components)))
}
