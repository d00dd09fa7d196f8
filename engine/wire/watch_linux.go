package wire

import "golang.org/x/sys/unix"

// peerGone asks poll, which, unlike a peek, sees that the peer has closed also
// when unread bytes (a COM_QUIT, for example) are in front of the end.
func peerGone(fd int) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0 && fds[0].Revents&(unix.POLLRDHUP|unix.POLLHUP|unix.POLLERR) != 0
}
