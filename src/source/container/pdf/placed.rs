//! Where a stream of a PDF draws its text.

/// A matrix as PDF has it: `[a b c d e f]`.
#[derive(Clone, Copy, Debug)]
struct Matrix([f64; 6]);

impl Matrix {
    const ONE: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    /// First this one, then `next`.
    fn then(self, next: Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, next.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    fn moved(self, x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y]).then(self)
    }
}

/// Follows the operators that say where text is drawn.
#[derive(Debug)]
pub(super) struct Page {
    matrix: Matrix,
    saved: Vec<Matrix>,
    /// Where the line starts.
    line: Matrix,
    leading: f64,
    has_moved: bool,
}

/// Where a string is drawn: how far along its line, and how far the line is from the page's corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    along: f64,
    across: f64,
}

/// What is saved more often was saved by mistake.
const MAX_SAVED: usize = 256;

impl Default for Page {
    fn default() -> Self {
        Self { matrix: Matrix::ONE, saved: Vec::new(), line: Matrix::ONE, leading: 0.0, has_moved: false }
    }
}

impl Page {
    /// Takes an operator with the last six numbers before it.
    pub(super) fn operator(&mut self, operator: &[u8], numbers: &[f64; 6]) {
        let [.., x, y] = *numbers;
        match operator {
            b"q" if self.saved.len() < MAX_SAVED => self.saved.push(self.matrix),
            b"Q" => self.matrix = self.saved.pop().unwrap_or(self.matrix),
            b"cm" => self.matrix = Matrix(*numbers).then(self.matrix),
            b"BT" => self.go_to(Matrix::ONE),
            b"Tm" => self.go_to(Matrix(*numbers)),
            b"TL" => self.leading = y,
            b"TD" => {
                self.leading = -y;
                self.go_to(self.line.moved(x, y));
            }
            b"Td" => self.go_to(self.line.moved(x, y)),
            b"T*" | b"'" | b"\"" => self.go_to(self.line.moved(0.0, -self.leading)),
            _ => {}
        }
    }

    fn go_to(&mut self, line: Matrix) {
        (self.line, self.has_moved) = (line, true);
    }

    /// Where the next string is drawn; `None` if that is right behind the last one.
    pub(super) fn next(&mut self) -> Option<Place> {
        if !std::mem::take(&mut self.has_moved) {
            return None;
        }
        let Matrix([a, b, _, _, x, y]) = self.line.then(self.matrix);
        let len = (a * a + b * b).sqrt();
        Some(Place { along: (x * a + y * b) / len, across: (y * a - x * b) / len })
    }
}

impl Place {
    /// How far this is behind `last` on the same line; `None` if it is on another, or before it.
    pub(super) fn step_from(self, last: Self) -> Option<f64> {
        let step = self.along - last.along;
        // Lines are further apart than a point; what goes only a little further is drawn as exactly on the line.
        ((self.across - last.across).abs() < (step / 8.0).min(1.0)).then_some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps between the places of `operators`, of which each is a number or a word.
    fn steps(operators: &str) -> Vec<Option<f64>> {
        let (mut page, mut numbers, mut places) = (Page::default(), [0.0; 6], Vec::new());
        for word in operators.split_ascii_whitespace() {
            match word.parse() {
                Ok(number) => {
                    numbers.rotate_left(1);
                    numbers[5] = number;
                }
                Err(_) if word == "Tj" => places.extend(page.next()),
                Err(_) => page.operator(word.as_bytes(), &numbers),
            }
        }
        places.windows(2).map(|pair| pair[1].step_from(pair[0])).collect()
    }

    #[test]
    fn places_are_followed_along_a_line_in_any_direction() {
        assert_eq!(
            steps("BT 9 700 Td Tj 5 0 Td Tj 7 0 TD Tj Tj 1 0 0 1 30 700 Tm Tj"),
            [5.0, 7.0, 9.0].map(Some)
        );
        assert_eq!(steps("0 2 -2 0 10 20 cm BT Tj 5 0 Td Tj ET BT 9 0 Td Tj"), [10.0, 8.0].map(Some));
        assert_eq!(
            steps("q 1 0 0 1 5 7 cm BT Tj ET Q q 1 0 0 1 8 7 cm BT Tj ET Q BT 9 7 Td Tj"),
            [3.0, 1.0].map(Some)
        );
    }

    #[test]
    fn other_lines_are_told_apart() {
        assert_eq!(steps("14 TL BT Tj T* Tj 0 0 Td Tj 40 -9 Td Tj -1 0 Td Tj 0 2 TD Tj ' Tj"), [None; 6]);
        assert_eq!(steps("BT 0 0 0 0 0 0 Tm Tj 5 0 Td Tj"), [None]);
    }
}
