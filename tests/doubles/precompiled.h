// As src/precompiled.h, for tests that hold a whole server.

#include "doubles/test_server.h"
#include "unit/precompiled.h"
