//! Proteins: upper-case letters only, wrapped at fixed widths, and `AKIA` is an ordinary stretch of one.

use akid::aws::fake::Random;

use super::Negative;

const AMINO_ACIDS: &str = "ACDEFGHIKLMNPQRSTVWY";

pub(super) const NEGATIVES: &[Negative] = &[
    Negative::new("FASTA, AKIA at line starts", |random| fasta(random, 60, 0)),
    Negative::new("FASTA, AKIA inside lines", |random| fasta(random, 60, 17)),
    Negative::new("FASTA, lines of 80", |random| fasta(random, 80, 31)),
    Negative::new("FASTA, AKIA and 16 letters end a line", |random| fasta(random, 60, 40)),
    Negative::new("FASTA, the last line is AKIA and 16 letters", |random| {
        fasta(random, 60, 7) + "AKIA" + &random.text(AMINO_ACIDS, 16) + "\n"
    }),
    Negative::new("protein on one line", |random| {
        format!("seq = \"{}AKIA{}\"", random.text(AMINO_ACIDS, 150), random.text(AMINO_ACIDS, 300))
    }),
    Negative::new("DNA", |random| (0..20).map(|_| random.text("ACGT", 70) + "\n").collect()),
];

/// A FASTA record with `AKIA` at this column of its lines.
fn fasta(random: &mut Random, width: usize, column: usize) -> String {
    let mut text = format!(">sp|P{:05}|PROT_HUMAN Putative protein OS=Homo sapiens\n", random.below(99_999));
    for _ in 0..3 + random.below(8) {
        let mut line = random.text(AMINO_ACIDS, width);
        line.replace_range(column..column + 4, random.pick(&["AKIA", "ASIA"]));
        text.push_str(&line);
        text.push('\n');
    }
    text
}
