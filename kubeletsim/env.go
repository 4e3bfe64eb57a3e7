package kubeletsim

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// environment works out a container's environment variables. Its errors are
// what upstream shows behind CreateContainerConfigError.
//
// Upstream: pkg/kubelet (makeEnvironmentVariables), without service variables, resourceFieldRef and fileKeyRef.
func (t *turn) environment(spec *corev1.Container) (map[string]string, error) {
	if len(spec.Env)+len(spec.EnvFrom) == 0 {
		return nil, nil
	}
	vars := map[string]string{}
	for i := range spec.EnvFrom {
		if err := t.addAll(vars, &spec.EnvFrom[i]); err != nil {
			return nil, err
		}
	}
	for i := range spec.Env {
		v := &spec.Env[i]
		value, ok, err := v.Value, true, error(nil)
		if v.ValueFrom != nil {
			value, ok, err = t.valueFrom(v.ValueFrom)
		} else {
			value = expandReferences(value, known(vars))
		}
		if err != nil {
			return nil, err
		}
		if ok {
			vars[v.Name] = value
		}
	}
	return vars, nil
}

func (t *turn) addAll(vars map[string]string, from *corev1.EnvFromSource) error {
	switch {
	case from.ConfigMapRef != nil:
		data, err := t.configMap(from.ConfigMapRef.Name, ptr.Deref(from.ConfigMapRef.Optional, false))
		for name, value := range data {
			vars[from.Prefix+name] = value
		}
		return err
	case from.SecretRef != nil:
		data, err := t.secret(from.SecretRef.Name, ptr.Deref(from.SecretRef.Optional, false))
		for name, value := range data {
			vars[from.Prefix+name] = string(value)
		}
		return err
	}
	return nil
}

// valueFrom reads a variable's value from elsewhere. It is not ok if what it
// refers to is optional and missing.
func (t *turn) valueFrom(from *corev1.EnvVarSource) (value string, ok bool, err error) {
	switch {
	case from.ConfigMapKeyRef != nil:
		ref := from.ConfigMapKeyRef
		optional := ptr.Deref(ref.Optional, false)
		data, err := t.configMap(ref.Name, optional)
		value, ok = data[ref.Key]
		if err == nil && !ok && !optional {
			err = fmt.Errorf("couldn't find key %v in ConfigMap %v/%v", ref.Key, t.pod.Namespace, ref.Name)
		}
		return value, ok, err
	case from.SecretKeyRef != nil:
		ref := from.SecretKeyRef
		optional := ptr.Deref(ref.Optional, false)
		data, err := t.secret(ref.Name, optional)
		bytes, ok := data[ref.Key]
		if err == nil && !ok && !optional {
			err = fmt.Errorf("couldn't find key %v in Secret %v/%v", ref.Key, t.pod.Namespace, ref.Name)
		}
		return string(bytes), ok, err
	case from.FieldRef != nil:
		return t.podField(from.FieldRef.FieldPath), true, nil
	}
	return "", true, nil
}

// configMap returns a ConfigMap's data. One that is missing is an error unless
// it is optional.
func (t *turn) configMap(name string, optional bool) (map[string]string, error) {
	cm, ok := reconcile.ConfigMaps.Get(t.view, reconcile.Key{Namespace: t.pod.Namespace, Name: name})
	if !ok {
		return nil, missing("configmap", name, optional)
	}
	return cm.Data, nil
}

func (t *turn) secret(name string, optional bool) (map[string][]byte, error) {
	s, ok := reconcile.Secrets.Get(t.view, reconcile.Key{Namespace: t.pod.Namespace, Name: name})
	if !ok {
		return nil, missing("secret", name, optional)
	}
	return s.Data, nil
}

func missing(resource, name string, optional bool) error {
	if optional {
		return nil
	}
	return fmt.Errorf("%s %q not found", resource, name)
}

// podField is the downward API. The field's path was validated with the Pod.
func (t *turn) podField(path string) string {
	if key, ok := strings.CutPrefix(path, "metadata.labels['"); ok {
		return t.pod.Labels[strings.TrimSuffix(key, "']")]
	}
	if key, ok := strings.CutPrefix(path, "metadata.annotations['"); ok {
		return t.pod.Annotations[strings.TrimSuffix(key, "']")]
	}
	switch path {
	case "metadata.name":
		return t.pod.Name
	case "metadata.namespace":
		return t.pod.Namespace
	case "metadata.uid":
		return string(t.pod.UID)
	case "spec.nodeName":
		return t.pod.Spec.NodeName
	case "spec.serviceAccountName":
		return t.pod.Spec.ServiceAccountName
	case "status.hostIP", "status.hostIPs":
		return t.machine.Spec.InternalIP
	case "status.podIP", "status.podIPs":
		return t.podIP()
	}
	return ""
}

// needsPodIP says whether a container's environment holds the Pod's address,
// which is only known once the sandbox exists.
func needsPodIP(spec *corev1.Container) bool {
	for i := range spec.Env {
		from := spec.Env[i].ValueFrom
		if from != nil && from.FieldRef != nil && strings.HasPrefix(from.FieldRef.FieldPath, "status.podIP") {
			return true
		}
	}
	return false
}

// known gives a variable's value; a reference to one that is not there stays as
// it is.
func known(vars map[string]string) func(name string) string {
	return func(name string) string {
		if value, ok := vars[name]; ok {
			return value
		}
		return "$(" + name + ")"
	}
}

// expandReferences replaces $(NAME) by its value; $$ is a dollar sign.
func expandReferences(s string, valueOf func(name string) string) string {
	var out strings.Builder
	for {
		text, rest, found := strings.Cut(s, "$")
		out.WriteString(text)
		if !found {
			return out.String()
		}
		s = rest
		switch name, after, closed := strings.Cut(strings.TrimPrefix(rest, "("), ")"); {
		case strings.HasPrefix(rest, "$"):
			out.WriteByte('$')
			s = rest[1:]
		case strings.HasPrefix(rest, "(") && closed:
			out.WriteString(valueOf(name))
			s = after
		default:
			out.WriteByte('$')
		}
	}
}
