//! What a role may ask for beside its name, checked before anything is sent.

use std::fmt;
use std::str::FromStr;

/// The name of an MFA device: the ARN of a virtual one, the serial number of one that can be held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaSerial(String);

/// The six digits that an MFA device shows. They are shown nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct MfaCode(String);

/// How long a role's session is to be, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionDuration(i32);

impl MfaSerial {
    /// The serial as AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl MfaCode {
    /// The digits, for AWS only.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl SessionDuration {
    /// The seconds.
    pub fn seconds(self) -> i32 {
        self.0
    }
}

impl FromStr for MfaSerial {
    type Err = &'static str;

    /// Takes 9 to 256 characters of letters, digits and `_+=/:,.@-`, as the API reference of AssumeRole has it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_letter = |b: u8| b.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&b);
        if (9..=256).contains(&text.len()) && text.bytes().all(is_letter) {
            Ok(Self(text.to_owned()))
        } else {
            Err(
                "not an MFA device: it is an ARN such as arn:aws:iam::123456789012:mfa/me, or a serial number",
            )
        }
    }
}

impl FromStr for MfaCode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err("not an MFA code: it is six digits")
        }
    }
}

impl FromStr for SessionDuration {
    type Err = &'static str;

    /// Takes 900 to 43,200 seconds: what AssumeRole grants at least and at most.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
        seconds.map(Self).ok_or("not a duration of a role's session: it is 900 to 43200 seconds")
    }
}

impl fmt::Debug for MfaCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MfaCode(******)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_would_refuse_is_refused_before_it_is_sent() {
        assert!("123456".parse::<MfaCode>().is_ok() && " 123456\n".parse::<MfaCode>().is_ok());
        assert!(["12345", "1234567", "12345a", ""].iter().all(|text| text.parse::<MfaCode>().is_err()));
        assert!("GAHT12345678".parse::<MfaSerial>().is_ok());
        assert!("arn:aws:iam::123456789012:mfa/me@example.com".parse::<MfaSerial>().is_ok());
        assert!("short".parse::<MfaSerial>().is_err() && "with a space".parse::<MfaSerial>().is_err());
        for (text, is_valid) in
            [("899", false), ("900", true), ("43200", true), ("43201", false), ("1h", false)]
        {
            assert_eq!(text.parse::<SessionDuration>().is_ok(), is_valid, "{text}");
        }
    }

    #[test]
    fn a_code_does_not_print_itself() {
        assert!(!format!("{:?}", "123456".parse::<MfaCode>()).contains("123456"));
    }
}
