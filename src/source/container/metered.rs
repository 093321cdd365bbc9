//! What comes out of a decoder, counted.

use std::io::{self, Read};

use super::fault::ArchiveFault;
use super::place::Place;
use super::price::Price;
use super::visit::Visit;

impl Visit<'_> {
    /// Takes what a decoder makes at that price for each byte.
    pub(super) fn decoded(
        &self,
        place: &Place<'_>,
        decoder: &mut dyn Read,
        price: Price,
    ) -> Result<(), ArchiveFault> {
        let mut metered = Metered::new(self, decoder, price);
        self.read(place, &mut metered);
        metered.finish()
    }

    /// Takes a member of `archive` that a decoder makes at that price, with its name.
    pub(super) fn packed_member(
        &self,
        archive: &Place<'_>,
        name: &[u8],
        decoder: &mut dyn Read,
        price: Price,
    ) -> Result<(), ArchiveFault> {
        if !self.admit(archive, name) {
            return Ok(());
        }
        self.charge(price.start);
        self.decoded(&archive.member(name), decoder, price)
    }
}

/// Counts what a decoder makes, and ends where a limit does or the decoder fails.
struct Metered<'m> {
    visit: &'m Visit<'m>,
    decoder: &'m mut dyn Read,
    price: Price,
    fault: Option<ArchiveFault>,
}

impl<'m> Metered<'m> {
    fn new(visit: &'m Visit<'m>, decoder: &'m mut dyn Read, price: Price) -> Self {
        Self { visit, decoder, price, fault: None }
    }

    /// Reads what nobody wanted, so that what comes behind can be read. Says whether the decoder failed.
    fn finish(mut self) -> Result<(), ArchiveFault> {
        let mut buffer = [0; 16 << 10];
        while self.read(&mut buffer).is_ok_and(|read| read > 0) {}
        self.fault.map_or(Ok(()), Err)
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.fault.is_some() || self.visit.is_over() {
            return Ok(0);
        }
        match self.decoder.read(out) {
            Ok(read) => {
                let read_now = read as u64;
                self.visit.charge(read_now * self.price.byte);
                Ok(if self.visit.budget.spend(read_now) { read } else { 0 })
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.fault = Some(ArchiveFault::of_decoder(&error));
                Ok(0)
            }
        }
    }
}
