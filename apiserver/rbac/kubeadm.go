package rbac

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// joining is the group of the bootstrap tokens that "kubeadm token create" makes.
const joining = "system:bootstrappers:kubeadm:default-node-token"

// kubeadmBindings make the users of kubeadm's kubeconfig files administrators,
// and let nodes have a client certificate without anybody's approval: for the
// first time with a bootstrap token, later with the certificate before.
//
// Upstream: cmd/kubeadm/app/phases/bootstraptoken/node (tlsbootstrap.go), without the roles for cluster-info, kubeadm-config and kubelet-config.
func kubeadmBindings() []rbacv1.ClusterRoleBinding {
	const requests = "system:certificates.k8s.io:certificatesigningrequests"
	return []rbacv1.ClusterRoleBinding{
		bindGroup("kubeadm:cluster-admins", "cluster-admin", "kubeadm:cluster-admins"),
		bindGroup("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", joining),
		bindGroup("kubeadm:get-nodes", "kubeadm:get-nodes", joining),
		bindGroup("kubeadm:node-autoapprove-bootstrap", requests+":nodeclient", joining),
		bindGroup("kubeadm:node-autoapprove-certificate-rotation", requests+":selfnodeclient", "system:nodes"),
	}
}

// kubeadmGetNodes lets a node find out whether its name is taken.
func kubeadmGetNodes() rbacv1.ClusterRole {
	return rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "kubeadm:get-nodes"},
		Rules:      []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"nodes"}}},
	}
}

func bindGroup(name, clusterRole, group string) rbacv1.ClusterRoleBinding {
	return rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: clusterRole},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: group}},
	}
}
