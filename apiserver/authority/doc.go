// Package authority is the certificate authority of a cluster: who its client
// certificates, and in "minik8s up" the server's own, are signed by.
//
// It models the two files of --cluster-signing-cert-file and
// --cluster-signing-key-file, and what pkg/controller/certificates does with
// them: which signer signs what, for how long. Signatures are those of RFC 6979
// and serial numbers come from what is signed, so that the same request gives
// the same certificate in every replay. It leaves out files that are exchanged
// while the cluster runs, and an authority for each signer.
//
// Read next: authority.go, then signers.go for the rules, and
// controllers/csrsigning.go for who asks.
package authority
