package apiserver

import (
	"fmt"
	"slices"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	flowcontrolbootstrap "k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap"
)

// bootstrapFlowControl creates the priority levels and flow schemas that every
// cluster has: those suggested, which may be changed, and the mandatory ones.
//
// Upstream: pkg/registry/flowcontrol/rest (ensure), once instead of every minute, and the status that the API priority and fairness controller gives a FlowSchema whose level exists.
func (s *Server) bootstrapFlowControl() error {
	for _, level := range slices.Concat(flowcontrolbootstrap.SuggestedPriorityLevelConfigurations, flowcontrolbootstrap.MandatoryPriorityLevelConfigurations) {
		if err := s.bootstrap(priorityLevels, level.DeepCopy()); err != nil {
			return err
		}
	}
	for _, suggested := range slices.Concat(flowcontrolbootstrap.SuggestedFlowSchemas, flowcontrolbootstrap.MandatoryFlowSchemas) {
		if err := s.bootstrap(flowSchemas, suggested.DeepCopy()); err != nil {
			return err
		}
		schema := suggested.DeepCopy()
		schema.Status.Conditions = []flowcontrolv1.FlowSchemaCondition{{
			Type:               flowcontrolv1.FlowSchemaConditionDangling,
			Status:             flowcontrolv1.ConditionFalse,
			LastTransitionTime: seconds(s.Now()),
			Reason:             "Found",
			Message:            fmt.Sprintf("This FlowSchema references the PriorityLevelConfiguration object named %q and it exists", schema.Spec.PriorityLevelConfiguration.Name),
		}}
		if err := s.bootstrapStatus(flowSchemas, schema); err != nil {
			return err
		}
	}
	return nil
}
