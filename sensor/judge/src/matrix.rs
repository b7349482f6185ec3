//! Matrices from harm and likelihood to level.

use weir_model::{Harm, Likelihood, RiskLevel};

/// There is no matrix of that name.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no risk matrix \"{0}\"; there are gbt45577-2025 and conservative")]
pub struct UnknownMatrix(pub String);

/// A matrix (风险等级矩阵): which level harm and likelihood give. Data, so that a report can say which one it used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Matrix {
    name: Box<str>,
    /// By likelihood from low to high, then harm from low to very high.
    cells: [[RiskLevel; 5]; 3],
}

use RiskLevel::{High, Low, Major, Medium, Slight};

impl Matrix {
    /// `gbt45577-2025`: the matrix of the risk assessment method, GB/T 45577-2025, clause 9, as assessment bodies print it.
    pub fn gbt45577_2025() -> Matrix {
        Matrix {
            name: "gbt45577-2025".into(),
            cells: [
                [Slight, Slight, Low, Medium, Medium],
                [Slight, Low, Medium, High, Major],
                [Slight, Low, Medium, Major, Major],
            ],
        }
    }

    /// `conservative`: differs in one cell; very high harm at low likelihood is a high risk, not a medium one.
    pub fn conservative() -> Matrix {
        let mut matrix = Matrix::gbt45577_2025();
        matrix.name = "conservative".into();
        matrix.cells[0][4] = High;
        matrix
    }

    /// By name.
    ///
    /// # Errors
    /// [`UnknownMatrix`], naming those there are.
    pub fn named(name: &str) -> Result<Matrix, UnknownMatrix> {
        match name {
            "gbt45577-2025" => Ok(Matrix::gbt45577_2025()),
            "conservative" => Ok(Matrix::conservative()),
            _ => Err(UnknownMatrix(name.to_owned())),
        }
    }

    /// Its name, for reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The level of a risk.
    pub fn level(&self, harm: Harm, likelihood: Likelihood) -> RiskLevel {
        self.cells[likelihood as usize][harm as usize]
    }
}

impl Default for Matrix {
    fn default() -> Self {
        Matrix::gbt45577_2025()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_cell() {
        let m = Matrix::default();
        let harms = [Harm::VeryHigh, Harm::High, Harm::Considerable, Harm::Medium, Harm::Low];
        let row = |l| harms.map(|h| m.level(h, l).zh());
        assert_eq!(row(Likelihood::High), ["重大", "重大", "中", "低", "轻微"]);
        assert_eq!(row(Likelihood::Medium), ["重大", "高", "中", "低", "轻微"]);
        assert_eq!(row(Likelihood::Low), ["中", "中", "低", "轻微", "轻微"]);
    }

    #[test]
    fn profiles_differ_in_one_cell() {
        let (a, b) = (Matrix::named("gbt45577-2025").unwrap(), Matrix::named("conservative").unwrap());
        assert_eq!(b.level(Harm::VeryHigh, Likelihood::Low), High);
        let differ = a.cells.iter().flatten().zip(b.cells.iter().flatten()).filter(|(x, y)| x != y).count();
        assert_eq!((differ, a.name(), b.name()), (1, "gbt45577-2025", "conservative"));
        assert!(Matrix::named("x").is_err());
    }
}
