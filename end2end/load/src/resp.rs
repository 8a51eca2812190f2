//! Redis' protocol, as much of it as publishing and subscribing need: the measured path has no
//! client library in it.

use crate::error::{During, Error};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long Redis may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What Redis says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// `+OK`
    Simple(String),
    /// `-ERR …`
    Failure(String),
    /// `:3`
    Integer(i64),
    /// Bytes, or nothing.
    Bulk(Option<Vec<u8>>),
    /// A list.
    Array(Vec<Reply>),
}

/// Adds a command.
pub fn command(to: &mut Vec<u8>, words: &[&[u8]]) {
    to.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        to.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        to.extend_from_slice(word);
        to.extend_from_slice(b"\r\n");
    }
}

/// The first reply and its length; `None` while it is not there whole.
///
/// # Errors
/// When it is no reply at all.
pub fn parse(bytes: &[u8]) -> Result<Option<(Reply, usize)>, Error> {
    let Some(end) = memchr::memmem::find(bytes, b"\r\n") else {
        return Ok(None);
    };
    let rest = end + 2;
    let wrong = || Error::Redis(format!("{:?}", String::from_utf8_lossy(&bytes[..end])));
    let text = std::str::from_utf8(&bytes[..end]).map_err(|_| wrong())?;
    let number = || {
        text.get(1..)
            .and_then(|n| n.parse::<i64>().ok())
            .ok_or_else(wrong)
    };
    let reply = match bytes[0] {
        b'+' => Reply::Simple(text[1..].to_owned()),
        b'-' => Reply::Failure(text[1..].to_owned()),
        b':' => Reply::Integer(number()?),
        b'$' => match usize::try_from(number()?) {
            Err(_) => Reply::Bulk(None),
            Ok(length) if bytes.len() < rest + length + 2 => return Ok(None),
            Ok(length) => {
                return Ok(Some((
                    Reply::Bulk(Some(bytes[rest..rest + length].to_vec())),
                    rest + length + 2,
                )));
            }
        },
        b'*' => {
            let mut at = rest;
            let mut items = Vec::new();
            for _ in 0..number()? {
                let Some((item, length)) = parse(&bytes[at..])? else {
                    return Ok(None);
                };
                items.push(item);
                at += length;
            }
            return Ok(Some((Reply::Array(items), at)));
        }
        _ => return Err(wrong()),
    };
    Ok(Some((reply, rest)))
}

/// A connection that asks and waits for the answers.
#[derive(Debug)]
pub struct Client {
    socket: TcpStream,
    unread: Vec<u8>,
}

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// When Redis is not there.
    pub fn connect(redis: SocketAddr) -> Result<Client, Error> {
        let doing = || format!("connecting to Redis at {redis}");
        let socket = TcpStream::connect_timeout(&redis, PATIENCE).during(doing())?;
        socket.set_nodelay(true).during(doing())?;
        socket.set_read_timeout(Some(PATIENCE)).during(doing())?;
        Ok(Client {
            socket,
            unread: Vec::new(),
        })
    }

    /// Asks one thing.
    ///
    /// # Errors
    /// When Redis goes away, or says no.
    pub fn ask(&mut self, words: &[&[u8]]) -> Result<Reply, Error> {
        let mut bytes = Vec::new();
        command(&mut bytes, words);
        self.send(&bytes)?;
        self.answer()
    }

    /// Sends commands; each has an [`answer`](Client::answer).
    ///
    /// # Errors
    /// When Redis goes away.
    pub fn send(&mut self, commands: &[u8]) -> Result<(), Error> {
        self.socket.write_all(commands).during("writing to Redis")
    }

    /// Waits for the next answer.
    ///
    /// # Errors
    /// When Redis goes away, or says no.
    pub fn answer(&mut self) -> Result<Reply, Error> {
        let mut chunk = [0; 4096];
        loop {
            if let Some((reply, length)) = parse(&self.unread)? {
                self.unread.drain(..length);
                return match reply {
                    Reply::Failure(text) => Err(Error::Redis(text)),
                    reply => Ok(reply),
                };
            }
            match self.socket.read(&mut chunk).during("reading from Redis")? {
                0 => return Err(Error::Redis("with the end of the connection".to_owned())),
                n => self.unread.extend_from_slice(&chunk[..n]),
            }
        }
    }

    /// How many connections are subscribed to `channel`.
    ///
    /// # Errors
    /// When Redis goes away.
    pub fn subscribers(&mut self, channel: &str) -> Result<i64, Error> {
        match self.ask(&[b"PUBSUB", b"NUMSUB", channel.as_bytes()])? {
            Reply::Array(items) => match items.last() {
                Some(Reply::Integer(count)) => Ok(*count),
                other => Err(Error::Redis(format!("{other:?}"))),
            },
            other => Err(Error::Redis(format!("{other:?}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_once_they_are_whole() {
        let bytes = b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\na\r\nb\r\n:2\r\n";
        for end in 0..bytes.len() - 4 {
            assert!(parse(&bytes[..end]).unwrap().is_none(), "{end}");
        }
        let (reply, length) = parse(bytes).unwrap().unwrap();
        let bulk = |text: &str| Reply::Bulk(Some(text.as_bytes().to_vec()));
        assert_eq!(
            reply,
            Reply::Array(vec![bulk("message"), bulk("c"), bulk("a\r\nb")])
        );
        assert_eq!(
            parse(&bytes[length..]).unwrap(),
            Some((Reply::Integer(2), 4))
        );
        assert!(parse(b"HTTP/1.1 400\r\n").is_err());
    }

    #[test]
    fn commands_are_lists_of_counted_words() {
        let mut bytes = Vec::new();
        command(&mut bytes, &[b"PUBLISH", b"c", b"hello"]);
        assert_eq!(bytes, b"*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$5\r\nhello\r\n");
    }
}
