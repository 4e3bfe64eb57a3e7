package wire_test

import (
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/httpstream"
)

// forward sends a word through a forwarded port and returns what comes back.
func forward(connection httpstream.Connection, protocol string, err error) (io.Closer, string, error) {
	if err != nil {
		return nil, "", err
	}
	headers := map[string][]string{corev1.StreamType: {corev1.StreamTypeError}, corev1.PortHeader: {"80"}, corev1.PortForwardRequestIDHeader: {"0"}}
	errors, err := connection.CreateStream(headers)
	if err != nil {
		return connection, "", err
	}
	errors.Close()
	data, err := connection.CreateStream(map[string][]string{corev1.StreamType: {corev1.StreamTypeData}, corev1.PortHeader: {"80"}, corev1.PortForwardRequestIDHeader: {"0"}})
	if err != nil {
		return connection, "", err
	}
	if _, err := io.WriteString(data, "ping"); err != nil {
		return connection, "", err
	}
	answer := make([]byte, len("ping pong"))
	if _, err := io.ReadFull(data, answer); err != nil {
		return connection, "", fmt.Errorf("%s: %w", protocol, err)
	}
	return connection, string(answer), nil
}
