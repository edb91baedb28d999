package cache

import "golang.org/x/sys/unix"

// populate has the system put all pages of a file into place at once, which takes less than to do it when each is looked at.
const populate = unix.MAP_POPULATE
