#include "config/nearest_name.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace baton {
namespace {

// Optimal string alignment distance: Levenshtein's, and two neighbours that changed places count as one.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> cost(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string_view NearestName(std::string_view word, std::span<const std::string_view> names) {
  constexpr size_t kWordMax = 100;  // nobody meant an option by more
  if (word.size() > kWordMax) return {};
  std::string wanted = ToLower(word);
  std::replace(wanted.begin(), wanted.end(), '_', '-');
  std::string_view nearest;
  size_t nearest_distance = std::max<size_t>(wanted.size() / 3, 1) + 1;
  for (std::string_view name : names) {
    size_t distance = EditDistance(wanted, name);
    if (distance >= nearest_distance) continue;
    nearest = name;
    nearest_distance = distance;
  }
  return nearest;
}

}  // namespace baton
