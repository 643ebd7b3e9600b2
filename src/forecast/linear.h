// Least squares with a penalty (ridge), by the normal equations and Cholesky. For this folder
// alone.
//
// Rows are added one by one and not kept. The penalty of a coefficient is a share of its column's
// sum of squares, so columns need no scaling; a column of zeros gets the coefficient 0. Plain
// numbers: every column has a unit of its own.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lowtide::forecast {

class Linear {
 public:
  explicit Linear(std::size_t columns) : columns_(columns), squares_(columns * columns) {
    moments_.resize(columns);
    coefficients_.resize(columns);
  }

  void add(std::span<const double> row, double wanted);
  // After it rows may still be added, and solved again.
  void solve(double penalty);
  [[nodiscard]] double at(std::span<const double> row) const;
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  std::size_t columns_;
  std::size_t rows_ = 0;
  std::vector<double> squares_;  // lower triangle of X'X, row by row
  std::vector<double> moments_;  // X'y
  std::vector<double> coefficients_;
};

}  // namespace lowtide::forecast
