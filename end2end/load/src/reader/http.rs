//! The head of a response, and its body without the framing of chunks.

/// More of a head than this is not ours.
const HEAD_BYTES: usize = 16 << 10;

/// Why a response cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Another status than 200.
    #[error("status {0}")]
    Status(u16),
    /// No head of HTTP/1.1.
    #[error("no head of HTTP/1.1")]
    Head,
    /// The length of a chunk, or what stands around it, is wrong.
    #[error("a wrong chunk")]
    Chunk,
}

/// Where in a response we are.
#[derive(Debug, Default)]
pub struct Http {
    stage: ResponseStage,
    head: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum ResponseStage {
    #[default]
    Head,
    /// In the line with a chunk's length, before or after (`ext`) its digits.
    Length {
        value: usize,
        ext: bool,
    },
    /// In a chunk of which `left` bytes are still to come.
    Data {
        left: usize,
    },
    /// In the line end after a chunk.
    End,
    /// A body without chunks.
    Plain,
    Over,
}

impl Http {
    /// Reads what came, and calls `data` with each piece of the body.
    ///
    /// # Errors
    /// When it is no response with status 200, or its chunks are wrong.
    pub fn read(&mut self, mut bytes: &[u8], mut data: impl FnMut(&[u8])) -> Result<(), Malformed> {
        if self.stage == ResponseStage::Head {
            let known = self.head.len();
            self.head.extend_from_slice(bytes);
            let Some(end) = memchr::memmem::find(&self.head, b"\r\n\r\n") else {
                return if self.head.len() > HEAD_BYTES {
                    Err(Malformed::Head)
                } else {
                    Ok(())
                };
            };
            self.stage = after_head(&self.head[..end])?;
            bytes = &bytes[end + 4 - known..];
            // The head of a stream is over for good: ten thousand of them need not stay.
            self.head = Vec::new();
        }
        while !bytes.is_empty() {
            match self.stage {
                ResponseStage::Data { left } => {
                    let (piece, rest) = bytes.split_at(left.min(bytes.len()));
                    data(piece);
                    bytes = rest;
                    let left = left - piece.len();
                    self.stage = if left == 0 {
                        ResponseStage::End
                    } else {
                        ResponseStage::Data { left }
                    };
                }
                ResponseStage::Length { value, ext } => {
                    let byte = bytes[0];
                    bytes = &bytes[1..];
                    self.stage = match (char::from(byte).to_digit(16), byte) {
                        (_, b'\n') if value == 0 => ResponseStage::Over,
                        (_, b'\n') => ResponseStage::Data { left: value },
                        (Some(digit), _) if !ext && value <= usize::MAX >> 8 => {
                            ResponseStage::Length {
                                value: value << 4 | digit as usize,
                                ext,
                            }
                        }
                        (_, b'\r' | b';' | b' ') => ResponseStage::Length { value, ext: true },
                        _ if ext => ResponseStage::Length { value, ext },
                        _ => return Err(Malformed::Chunk),
                    };
                }
                ResponseStage::End => {
                    self.stage = match bytes[0] {
                        b'\r' => ResponseStage::End,
                        b'\n' => ResponseStage::Length {
                            value: 0,
                            ext: false,
                        },
                        _ => return Err(Malformed::Chunk),
                    };
                    bytes = &bytes[1..];
                }
                ResponseStage::Plain => {
                    data(bytes);
                    return Ok(());
                }
                // Trailers are of no interest.
                ResponseStage::Over | ResponseStage::Head => return Ok(()),
            }
        }
        Ok(())
    }

    /// Whether the last chunk came.
    pub fn is_over(&self) -> bool {
        self.stage == ResponseStage::Over
    }
}

fn after_head(head: &[u8]) -> Result<ResponseStage, Malformed> {
    let text = std::str::from_utf8(head)
        .map_err(|_| Malformed::Head)?
        .to_ascii_lowercase();
    let status = text
        .strip_prefix("http/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok());
    match status {
        Some(200) => {}
        Some(other) => return Err(Malformed::Status(other)),
        None => return Err(Malformed::Head),
    }
    let chunked = text
        .lines()
        .any(|line| line.starts_with("transfer-encoding:") && line.ends_with("chunked"));
    Ok(if chunked {
        ResponseStage::Length {
            value: 0,
            ext: false,
        }
    } else {
        ResponseStage::Plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(response: &[u8]) -> Result<String, Malformed> {
        let mut body = Vec::new();
        Http::default().read(response, |data| body.extend_from_slice(data))?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    #[test]
    fn bodies_come_with_and_without_chunks() {
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(body(chunked), Ok("abc0123456789".to_owned()));
        assert_eq!(body(b"HTTP/1.1 200 OK\r\n\r\nabc"), Ok("abc".to_owned()));
    }

    #[test]
    fn refusals_and_nonsense_are_named() {
        assert_eq!(
            body(b"HTTP/1.1 429 Too Many Requests\r\n\r\n"),
            Err(Malformed::Status(429))
        );
        assert_eq!(body(b"+PONG\r\n\r\n"), Err(Malformed::Head));
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(
            body(format!("{head}xyz\r\n").as_bytes()),
            Err(Malformed::Chunk)
        );
        assert_eq!(
            body(format!("{head}1\r\nabc").as_bytes()),
            Err(Malformed::Chunk)
        );
    }
}
