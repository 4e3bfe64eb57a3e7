package kubeletsim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"
)

// image is a parsed image name, completed the way container tools do it:
// "nginx" is docker.io/library/nginx:latest.
type image struct {
	registry   string // "docker.io"
	repository string // "library/nginx"
	tag        string // "latest"
	digest     string // "sha256:…", or empty
}

const dockerHub = "docker.io"

// parseImage reads an image name. Its errors are those that upstream's kubelet
// shows behind InvalidImageName.
//
// Upstream: distribution/reference (ParseNormalizedNamed), without its limits on length and separators.
func parseImage(name string) (image, error) {
	invalid := func(problem string) (image, error) {
		return image{}, fmt.Errorf("couldn't parse image name %q: %w", name, errors.New(problem))
	}
	rest, digest, hasDigest := strings.Cut(name, "@")
	if hasDigest && !isDigest(digest) {
		return invalid("invalid reference format")
	}
	registry, repository := splitRegistry(rest)
	repository, tag, hasTag := strings.Cut(repository, ":")
	if hasTag && !isWord(tag, ".-_"+upperCase) {
		return invalid("invalid reference format")
	}
	for part := range strings.SplitSeq(repository, "/") {
		if !isWord(part, ".-_") {
			if isWord(strings.ToLower(part), ".-_") {
				return invalid("invalid reference format: repository name (" + repository + ") must be lowercase")
			}
			return invalid("invalid reference format")
		}
	}
	if tag == "" && digest == "" {
		tag = "latest"
	}
	return image{registry: registry, repository: repository, tag: tag, digest: digest}, nil
}

// splitRegistry takes the host off an image name. A first part without a dot
// or a port is no host but a user of Docker Hub.
func splitRegistry(name string) (registry, repository string) {
	first, rest, hasSlash := strings.Cut(name, "/")
	switch {
	case !hasSlash:
		return dockerHub, "library/" + name
	case strings.ContainsAny(first, ".:") || first == "localhost":
		return first, rest
	default:
		return dockerHub, name
	}
}

const upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// isWord says whether s consists of lower-case letters, digits and the extra
// characters given, and starts with a letter or digit.
func isWord(s, extra string) bool {
	for i, r := range s {
		plain := 'a' <= r && r <= 'z' || '0' <= r && r <= '9'
		if !plain && (i == 0 && !strings.ContainsRune(upperCase, r) || !strings.ContainsRune(extra, r)) {
			return false
		}
	}
	return s != ""
}

func isDigest(s string) bool {
	sum, ok := strings.CutPrefix(s, "sha256:")
	_, err := hex.DecodeString(sum)
	return ok && err == nil && len(sum) == 64
}

// name is the image's repository with its registry, as containerd writes it.
func (i image) name() string { return i.registry + "/" + i.repository }

// String is the whole name, as containerd writes it.
func (i image) String() string {
	s := i.name()
	if i.tag != "" {
		s += ":" + i.tag
	}
	if i.digest != "" {
		s += "@" + i.digest
	}
	return s
}

// id is the name by which statuses show what was really run. A simulated
// image's digest is the hash of its name, so that it is the same everywhere.
func (i image) id() string {
	if i.digest != "" {
		return i.name() + "@" + i.digest
	}
	sum := sha256.Sum256([]byte(i.String()))
	return i.name() + "@sha256:" + hex.EncodeToString(sum[:])
}

// size is the image's size in bytes. Tags of one repository differ a little.
func (i image) size() int64 {
	sum := sha256.Sum256([]byte(i.String()))
	variation := int64(sum[0])<<8 | int64(sum[1])
	if known, ok := catalogue(i); ok {
		return known.size + variation
	}
	return 20<<20 + variation<<11
}

// pullTime is how long a machine takes to fetch the image: a second to ask the
// registry and unpack, and the download at 80 MB/s, at most four seconds.
func (i image) pullTime() time.Duration {
	download := time.Duration(i.size()) * time.Second / 80_000_000
	return min(time.Second+download, 4*time.Second).Truncate(time.Millisecond)
}

// Times that do not depend on the image.
const (
	// checkTime is a pull of an image that is on the machine already
	// (imagePullPolicy Always): only its digest is asked for.
	checkTime = 400 * time.Millisecond
	// failTime is how long a registry takes to say no.
	failTime = 700 * time.Millisecond
)

// pullError says how a pull of the image fails, in containerd's words, and is
// empty if it does not. Every image can be pulled but those
//   - from a registry whose host begins with "invalid." or ends in ".invalid",
//   - with the tag "404",
//   - whose tag, or whose repository's last part, says that there is no such
//     image: "nonexistent", "does-not-exist", "doesnt-exist", "no-such", in a
//     longer name too, and with or without the dashes.
func (i image) pullError() string {
	const failed = "rpc error: code = %s desc = failed to pull and unpack image %q: failed to resolve image: %s"
	base := i.repository[strings.LastIndexByte(i.repository, '/')+1:]
	switch {
	case strings.HasSuffix(i.registry, ".invalid") || strings.HasPrefix(i.registry, "invalid."):
		return fmt.Sprintf(failed, "Unknown", i, fmt.Sprintf("failed to do request: Head \"https://%s/v2/%s/manifests/%s\": dial tcp: lookup %s: no such host",
			i.registry, i.repository, i.tag, i.registry))
	case saysItIsMissing(base):
		return fmt.Sprintf(failed, "Unknown", i, "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed")
	case saysItIsMissing(i.tag) || i.tag == "404":
		return fmt.Sprintf(failed, "NotFound", i, i.String()+": not found")
	}
	return ""
}

func saysItIsMissing(name string) bool {
	name = strings.ReplaceAll(name, "-", "")
	for _, words := range []string{"nonexistent", "doesnotexist", "doesntexist", "nosuch"} {
		if strings.Contains(name, words) {
			return true
		}
	}
	return false
}
