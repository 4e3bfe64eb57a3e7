package kinds

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// An APIService says who serves a version of a group, and how groups and
// versions are ordered.
//
// Upstream: k8s.io/kube-aggregator (apiservice strategy), to be read only: requests are never handed on to other servers, so an APIService can be neither written nor watched, and metrics.k8s.io is a local one.
func apiService() *Kind {
	return &Kind{
		GroupVersionKind: apiregistrationv1.SchemeGroupVersion.WithKind("APIService"),
		Resource:         "apiservices",
		Singular:         "apiservice",
		Categories:       []string{apiExtensions},
		Computed:         readable,
		Others: []OtherSubresource{{
			Name: "status", Kind: apiregistrationv1.SchemeGroupVersion.WithKind("APIService"), Verbs: []string{"get"},
		}},

		New:   func() Object { return &apiregistrationv1.APIService{} },
		Print: printAPIServices,
	}
}

// printAPIServices is the aggregator's own table.
func printAPIServices(objects []Object, options TableOptions) *metav1.Table {
	table := &metav1.Table{Rows: make([]metav1.TableRow, 0, len(objects))}
	if !options.NoHeaders {
		doc := metav1.ObjectMeta{}.SwaggerDoc()
		table.ColumnDefinitions = []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: doc["name"]},
			{Name: "Service", Type: "string", Description: "The reference to the service that hosts this API endpoint."},
			{Name: "Available", Type: "string", Description: "Whether this service is available."},
			{Name: "Age", Type: "string", Description: doc["creationTimestamp"]},
		}
	}
	for _, obj := range objects {
		service := obj.(*apiregistrationv1.APIService)
		host := "Local"
		if s := service.Spec.Service; s != nil {
			host = s.Namespace + "/" + s.Name
		}
		table.Rows = append(table.Rows, metav1.TableRow{
			Cells:  []any{service.Name, host, availability(service), options.age(service)},
			Object: runtime.RawExtension{Object: service},
		})
	}
	return table
}

func availability(service *apiregistrationv1.APIService) string {
	for _, c := range service.Status.Conditions {
		switch {
		case c.Type != apiregistrationv1.Available:
		case c.Status == apiregistrationv1.ConditionTrue || c.Reason == "":
			return string(c.Status)
		default:
			return fmt.Sprintf("%s (%s)", c.Status, c.Reason)
		}
	}
	return string(apiregistrationv1.ConditionUnknown)
}
