// As src/precompiled.h, for tests.

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "../../src/precompiled.h"
