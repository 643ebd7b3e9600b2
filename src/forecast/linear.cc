#include "forecast/linear.h"

#include <cmath>

namespace lowtide::forecast {
namespace {

// Cholesky: the lower triangle of L L' becomes that of L.
void factor(std::size_t n, std::vector<double>& root) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = root[i * n + j];
      for (std::size_t k = 0; k < j; ++k) rest -= root[i * n + k] * root[j * n + k];
      root[i * n + j] = i == j ? std::sqrt(rest) : rest / root[j * n + j];
    }
  }
}

// L z = moments, then L' b = z.
std::vector<double> solved(std::size_t n, const std::vector<double>& root,
                           std::vector<double> moments) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) moments[i] -= root[i * n + k] * moments[k];
    moments[i] /= root[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) moments[i] -= root[k * n + i] * moments[k];
    moments[i] /= root[i * n + i];
  }
  return moments;
}

}  // namespace

void Linear::add(std::span<const double> row, double wanted) {
  for (std::size_t i = 0; i < columns_; ++i) {
    const double factor = row[i];
    double* line = &squares_[i * columns_];
    for (std::size_t j = 0; j <= i; ++j) line[j] += factor * row[j];
    moments_[i] += factor * wanted;
  }
  ++rows_;
}

void Linear::solve(double penalty) {
  std::vector<double> root = squares_;
  for (std::size_t i = 0; i < columns_; ++i) {
    double& own = root[i * columns_ + i];
    own = own > 0 ? own * (1 + penalty) : 1;
  }
  factor(columns_, root);
  coefficients_ = solved(columns_, root, moments_);
}

double Linear::at(std::span<const double> row) const {
  double sum = 0;
  for (std::size_t i = 0; i < columns_; ++i) sum += coefficients_[i] * row[i];
  return sum;
}

}  // namespace lowtide::forecast
