// Package kubectl holds scripts for kubectls that others have built: the one of
// Kubernetes 1.37, and older ones where there are any. What they try follows
// upstream's own test/cmd cases, as far as those need no container.
//
// testdata/every has scripts for a kubectl of any age since 1.20, testdata/new
// those for the present one. MINIK8S_KUBECTLS lists further kubectls, as PATH
// lists folders; .ci/run puts Debian's kubectl 1.20 there.
package kubectl
