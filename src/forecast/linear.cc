#include "forecast/linear.h"

#include <cmath>

namespace lowtide::forecast {

void Linear::add(std::span<const double> row, double wanted) {
  for (std::size_t i = 0; i < columns_; ++i) {
    const double factor = row[i];
    double* line = &squares_[i * columns_];
    for (std::size_t j = 0; j <= i; ++j) line[j] += factor * row[j];
    moments_[i] += factor * wanted;
  }
  ++rows_;
}

// X'X with the penalty on its diagonal is L L'; then L z = X'y and L' b = z.
void Linear::solve(double penalty) {
  const std::size_t n = columns_;
  std::vector<double> root = squares_;
  for (std::size_t i = 0; i < n; ++i) {
    double& own = root[i * n + i];
    own = own > 0 ? own * (1 + penalty) : 1;
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = root[i * n + j];
      for (std::size_t k = 0; k < j; ++k) rest -= root[i * n + k] * root[j * n + k];
      root[i * n + j] = i == j ? std::sqrt(rest) : rest / root[j * n + j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    double rest = moments_[i];
    for (std::size_t k = 0; k < i; ++k) rest -= root[i * n + k] * coefficients_[k];
    coefficients_[i] = rest / root[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    double rest = coefficients_[i];
    for (std::size_t k = i + 1; k < n; ++k) rest -= root[k * n + i] * coefficients_[k];
    coefficients_[i] = rest / root[i * n + i];
  }
}

double Linear::at(std::span<const double> row) const {
  double sum = 0;
  for (std::size_t i = 0; i < columns_; ++i) sum += coefficients_[i] * row[i];
  return sum;
}

}  // namespace lowtide::forecast
