//go:build unix && !linux

package wire

import "golang.org/x/sys/unix"

// peerGone peeks: no bytes and no error is the end of the stream.
func peerGone(fd int) bool {
	var b [1]byte
	n, _, err := unix.Recvfrom(fd, b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
	switch err {
	case nil:
		return n == 0
	case unix.EAGAIN, unix.EINTR:
		return false
	default:
		return true
	}
}
