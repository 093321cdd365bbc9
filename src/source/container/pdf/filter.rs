//! How the content of a stream is packed: the filters that its dictionary names, with their parameters.

use std::io::{self, Read};

use flate2::read::ZlibDecoder;

use super::coding::{Ascii85, AsciiHex, Decoded};
use super::dictionary::{list, number, value_of};
use super::lzw::Lzw;
use super::objects::Objects;
use super::predictor::{MAX_ROW, Predictor};
use crate::source::container::fault::ArchiveFault;
use crate::source::container::price::Price;
use crate::source::container::visit::Visit;

/// A filter, by what is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Flate,
    Lzw,
    Ascii85,
    AsciiHex,
    /// Nobody's text.
    Picture,
    /// A packing that is not undone.
    Other,
}

/// The words for them, and the short ones that are allowed in places.
const NAMES: [(&[u8], Filter); 14] = [
    (b"/FlateDecode", Filter::Flate),
    (b"/Fl", Filter::Flate),
    (b"/LZWDecode", Filter::Lzw),
    (b"/LZW", Filter::Lzw),
    (b"/ASCII85Decode", Filter::Ascii85),
    (b"/A85", Filter::Ascii85),
    (b"/ASCIIHexDecode", Filter::AsciiHex),
    (b"/AHx", Filter::AsciiHex),
    (b"/DCTDecode", Filter::Picture),
    (b"/DCT", Filter::Picture),
    (b"/JPXDecode", Filter::Picture),
    (b"/CCITTFaxDecode", Filter::Picture),
    (b"/CCF", Filter::Picture),
    (b"/JBIG2Decode", Filter::Picture),
];

/// A filter with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) filter: Filter,
    predictor: u64,
    /// Colours, bits of each, and columns.
    sizes: [u64; 3],
    is_early: bool,
}

impl Step {
    /// Deflate without parameters.
    pub(super) const FLATE: Self =
        Self { filter: Filter::Flate, predictor: 1, sizes: [1, 8, 1], is_early: true };

    /// The filter of this name. `None` if a parameter is not known.
    fn new(name: &[u8], parameters: &[u8], objects: &Objects) -> Option<Self> {
        let known = NAMES.iter().find(|(known, _)| *known == name);
        let number = |key: &[u8], default| number(parameters, key, default, objects);
        Some(Self {
            filter: known.map_or(Filter::Other, |(_, filter)| *filter),
            predictor: number(b"/Predictor", 1)?,
            sizes: [number(b"/Colors", 1)?, number(b"/BitsPerComponent", 8)?, number(b"/Columns", 1)?],
            is_early: number(b"/EarlyChange", 1)? != 0,
        })
    }

    /// What is to be undone behind the filter.
    fn predictor(&self) -> Result<Option<Predictor>, ArchiveFault> {
        match self.filter {
            Filter::Flate | Filter::Lzw => Predictor::new(self.predictor, self.sizes),
            _ => Ok(None),
        }
    }
}

/// The filters that `dictionary` names, in the order in which they are undone. `None` if one, or a parameter, stands in an
/// object that is not known.
pub(super) fn steps(dictionary: &[u8], objects: &Objects) -> Option<Vec<Step>> {
    let values =
        |key: &[u8]| value_of(dictionary, key).map_or(Some(Vec::new()), |value| list(value, objects));
    let names = values(b"/Filter")?;
    let parameters = match names.is_empty() {
        true => Vec::new(),
        false => values(if value_of(dictionary, b"/DP").is_some() { b"/DP" } else { b"/DecodeParms" })?,
    };
    let parameters = parameters.into_iter().chain(std::iter::repeat(&b""[..]));
    let pairs = names.into_iter().zip(parameters).filter(|(name, _)| *name != b"null");
    pairs.map(|(name, parameters)| Step::new(name, parameters, objects)).collect()
}

/// No writer packs a stream more often; more than this is an attack.
const MAX_STEPS: usize = 8;

/// The memory that rows may take, in bytes: two for each step, in buffers that may have grown too large.
pub(super) const MEMORY: u64 = (4 * MAX_STEPS * MAX_ROW) as u64;

/// Steps of work for a byte that a predictor makes.
const PREDICT: u64 = 6;

/// What it costs to undo one of `steps`.
pub(super) fn price(steps: &[Step]) -> Price {
    let is_predicted = steps.iter().any(|step| step.predictor > 1);
    Price { byte: Price::DEFLATE.byte + if is_predicted { PREDICT } else { 0 }, ..Price::DEFLATE }
}

/// What undoes `steps` on `content`.
///
/// # Errors
///
/// If one of them cannot be undone.
pub(super) fn undone<'c>(
    visit: &'c Visit<'c>,
    content: &'c [u8],
    steps: &[Step],
) -> Result<Box<dyn Read + 'c>, ArchiveFault> {
    if steps.len() > MAX_STEPS {
        return Err(ArchiveFault::Filter);
    }
    let price = price(steps);
    let mut reader: Box<dyn Read + 'c> = Box::new(content);
    for (nth, step) in steps.iter().enumerate() {
        if nth > 0 {
            visit.charge(price.start);
            reader = Box::new(Paid { visit, price, inner: reader });
        }
        reader = match step.filter {
            Filter::Flate => Box::new(ZlibDecoder::new(reader)),
            Filter::Lzw => Box::new(Decoded::new(reader, Lzw::new(step.is_early))),
            Filter::Ascii85 => Box::new(Decoded::new(reader, Ascii85::default())),
            Filter::AsciiHex => Box::new(Decoded::new(reader, AsciiHex::default())),
            Filter::Picture | Filter::Other => return Err(ArchiveFault::Filter),
        };
        if let Some(predictor) = step.predictor()? {
            reader = Box::new(Decoded::new(reader, predictor));
        }
    }
    Ok(reader)
}

/// What passes from one filter to the next, and is paid for: nothing may come out of much.
struct Paid<'c, R> {
    visit: &'c Visit<'c>,
    price: Price,
    inner: R,
}

impl<R: Read> Read for Paid<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.visit.is_over() {
            return Ok(0);
        }
        let read = self.inner.read(out)?;
        self.visit.charge(read as u64 * self.price.byte);
        Ok(if self.visit.budget.spend(read as u64) { read } else { 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::super::dictionary::unescaped;
    use super::*;

    #[test]
    fn filters_are_read_however_they_are_written() {
        let of = |dictionary: &str| {
            let steps = steps(&unescaped(dictionary.as_bytes()), &Objects::default())?;
            Some(steps.into_iter().map(|step| step.filter).collect::<Vec<_>>())
        };
        assert_eq!(of("<</Length 3>>"), Some(vec![]));
        assert_eq!(of("<</Filter/FlateDecode/Length 3>>"), Some(vec![Filter::Flate]));
        assert_eq!(of("<</Filter /Fl#61teDecode>>"), Some(vec![Filter::Flate]));
        assert_eq!(of("<</Filter [ /A85 /Fl ]>>"), Some(vec![Filter::Ascii85, Filter::Flate]));
        assert_eq!(of("<</Filter[/Crypt/DCTDecode]>>"), Some(vec![Filter::Other, Filter::Picture]));
        assert_eq!(of("<</FilterX/Fl/Filter/RunLengthDecode>>"), Some(vec![Filter::Other]));
        assert_eq!(of("<</Filter null>>"), Some(vec![]));
        assert_eq!(of("<</DecodeParms 12 0 R>>"), Some(vec![]));
        for unknown in ["/Filter 12 0 R", "/Filter/Fl/DecodeParms 12 0 R", "/Filter/Fl/DP<</Columns 12 0 R>>"]
        {
            assert_eq!(of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn parameters_belong_to_the_filter_at_their_place() {
        let dictionary = b"<</Filter[/LZW/Fl]/DecodeParms[null<</Predictor 12/Columns 4>>]>>";
        let steps = steps(dictionary, &Objects::default()).unwrap();
        assert_eq!([0, 1].map(|nth| steps[nth].predictor), [1, 12]);
        assert_eq!([0, 1].map(|nth| steps[nth].sizes[2]), [1, 4]);
    }
}
