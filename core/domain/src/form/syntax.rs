//! From the text of an expression to steps. Operators wait on a stack of bounded depth, so nothing here calls itself.

use super::expression::{ErrorKind, ExpressionError, NUMBER_MAX, Step, TEN_THOUSANDTHS, Test};
use super::is_id;

/// Longest expression, in characters.
pub const EXPRESSION_MAX_CHARS: usize = 500;
/// Most steps of one expression.
pub const STEPS_MAX_COUNT: usize = 200;
/// Most operators and parentheses that are open at a time.
pub const OPEN_MAX_COUNT: usize = 32;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(i64),
    Text(String),
    Field(String),
    Word(String),
    Mark(&'static str),
}

/// What waits for its right side or its closing parenthesis.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Open {
    /// An operator, with how tightly it binds.
    Operator(Step1, u8),
    /// A parenthesis, at that character.
    Parenthesis(usize),
    /// The parenthesis of `not(`.
    Not(usize),
}

/// A step without a value of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step1 {
    Negate,
    Add,
    Subtract,
    Compare(Test),
    And,
    Or,
}

impl From<Step1> for Step {
    fn from(step: Step1) -> Self {
        match step {
            Step1::Negate => Step::Negate,
            Step1::Add => Step::Add,
            Step1::Subtract => Step::Subtract,
            Step1::Compare(test) => Step::Compare(test),
            Step1::And => Step::And,
            Step1::Or => Step::Or,
        }
    }
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, ExpressionError> {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() > EXPRESSION_MAX_CHARS {
        return fail(EXPRESSION_MAX_CHARS, ErrorKind::TooLong);
    }
    let tokens = tokens(&letters)?;
    Parser { tokens: &tokens, at: 0, end: letters.len(), steps: Vec::new(), open: Vec::new() }.parse()
}

fn fail<T>(at: usize, what: ErrorKind) -> Result<T, ExpressionError> {
    Err(ExpressionError { at: at + 1, what })
}

fn tokens(letters: &[char]) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at).copied() {
        let from = at;
        let rest = &letters[at..];
        let (token, length) = match letter {
            _ if letter.is_whitespace() => {
                at += 1;
                continue;
            }
            _ if quote(letter).is_some() => quoted(from, rest)?,
            '$' => field(from, rest)?,
            '0'..='9' => number(from, rest)?,
            'A'..='Z' | 'a'..='z' => {
                let length = rest.iter().take_while(|letter| letter.is_ascii_alphanumeric() || **letter == '_').count();
                (Token::Word(rest[..length].iter().collect()), length)
            }
            _ => match mark(rest) {
                Some(mark) => (Token::Mark(mark), mark.len()),
                None => return fail(from, ErrorKind::Unknown),
            },
        };
        tokens.push((from, token));
        at += length;
    }
    Ok(tokens)
}

fn mark(rest: &[char]) -> Option<&'static str> {
    let next = rest.get(1).copied();
    Some(match (rest.first()?, next) {
        ('!', Some('=')) => "!=",
        ('<', Some('=')) => "<=",
        ('>', Some('=')) => ">=",
        ('<', _) => "<",
        ('>', _) => ">",
        ('=', _) => "=",
        ('+', _) => "+",
        ('-', _) => "-",
        ('(', _) => "(",
        (')', _) => ")",
        (',', _) => ",",
        ('.', _) => ".",
        _ => return None,
    })
}

/// What closes a quotation. Spreadsheets make curly quotes of straight ones by themselves.
fn quote(letter: char) -> Option<char> {
    match letter {
        '\'' | '‘' | '’' => Some('\''),
        '"' | '“' | '”' => Some('"'),
        _ => None,
    }
}

fn quoted(from: usize, rest: &[char]) -> Result<(Token, usize), ExpressionError> {
    let closes = rest.first().and_then(|letter| quote(*letter));
    match rest.iter().skip(1).position(|letter| quote(*letter) == closes) {
        Some(length) => Ok((Token::Text(rest[1..=length].iter().collect()), length + 2)),
        None => fail(from, ErrorKind::TextNotClosed),
    }
}

fn field(from: usize, rest: &[char]) -> Result<(Token, usize), ExpressionError> {
    let end = rest.iter().position(|letter| *letter == '}');
    match (rest.get(1), end) {
        (Some('{'), Some(end)) => {
            let name: String = rest[2..end].iter().collect();
            let name = name.trim();
            if is_id(name) { Ok((Token::Field(name.to_owned()), end + 1)) } else { fail(from, ErrorKind::Unknown) }
        }
        _ => fail(from, ErrorKind::Unknown),
    }
}

fn number(from: usize, rest: &[char]) -> Result<(Token, usize), ExpressionError> {
    let length = rest.iter().take_while(|letter| letter.is_ascii_digit() || **letter == '.').count();
    let text: String = rest[..length].iter().collect();
    match decimal(&text) {
        Some(number) => Ok((Token::Number(number), length)),
        None => fail(from, ErrorKind::NumberShape),
    }
}

/// A decimal number without a sign in ten-thousandths; `None` when it is no number, over [`NUMBER_MAX`], or has more than four decimals.
pub(super) fn decimal(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 10 || part.len() > 4 {
        return None;
    }
    let whole: i64 = whole.parse().ok().filter(|whole| *whole <= NUMBER_MAX)?;
    let part: i64 = format!("{part:0<4}").parse().ok()?;
    Some(whole * TEN_THOUSANDTHS + part)
}

struct Parser<'t> {
    tokens: &'t [(usize, Token)],
    at: usize,
    end: usize,
    steps: Vec<Step>,
    open: Vec<Open>,
}

impl Parser<'_> {
    fn parse(mut self) -> Result<Vec<Step>, ExpressionError> {
        // A value is expected, then an operator or a closing parenthesis, in turn.
        loop {
            self.value()?;
            loop {
                match self.peek() {
                    None => return self.finish(),
                    Some(Token::Mark(")")) => self.close()?,
                    Some(_) => break,
                }
            }
            self.operator()?;
        }
    }
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }
    /// Where the next token stands.
    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(at, _)| *at)
    }
    /// Reads what begins a value: signs and parentheses first, then the value itself.
    fn value(&mut self) -> Result<(), ExpressionError> {
        loop {
            let place = self.place();
            let step = match self.peek().cloned() {
                Some(Token::Mark("-")) => {
                    self.at += 1;
                    self.push_open(place, Open::Operator(Step1::Negate, 6))?;
                    continue;
                }
                Some(Token::Mark("(")) => {
                    self.at += 1;
                    self.push_open(place, Open::Parenthesis(place))?;
                    continue;
                }
                Some(Token::Word(word)) if word == "not" => {
                    self.at += 1;
                    self.expect("(", ErrorKind::ValueExpected)?;
                    self.push_open(place, Open::Not(place))?;
                    continue;
                }
                Some(Token::Number(number)) => Step::Number(number),
                Some(Token::Text(text)) => Step::Text(text),
                Some(Token::Field(name)) => Step::Field(name),
                Some(Token::Mark(".")) => Step::Own,
                Some(Token::Word(word)) => {
                    self.at += 1;
                    let step = self.function(place, &word)?;
                    return self.step(place, step);
                }
                Some(Token::Mark(_)) | None => return fail(place, ErrorKind::ValueExpected),
            };
            self.at += 1;
            return self.step(place, step);
        }
    }
    fn function(&mut self, place: usize, word: &str) -> Result<Step, ExpressionError> {
        match word {
            "true" | "false" => {
                self.expect("(", ErrorKind::Unknown)?;
                self.expect(")", ErrorKind::ParenthesisNotClosed)?;
                Ok(Step::Bool(word == "true"))
            }
            "selected" => {
                self.expect("(", ErrorKind::Unknown)?;
                let field = match self.peek().cloned() {
                    Some(Token::Field(name)) => Some(name),
                    Some(Token::Mark(".")) => None,
                    _ => return fail(self.place(), ErrorKind::ValueExpected),
                };
                self.at += 1;
                self.expect(",", ErrorKind::ValueExpected)?;
                let choice = match self.peek().cloned() {
                    Some(Token::Text(choice)) => choice,
                    _ => return fail(self.place(), ErrorKind::ValueExpected),
                };
                self.at += 1;
                self.expect(")", ErrorKind::ParenthesisNotClosed)?;
                Ok(Step::Selected(field, choice))
            }
            "and" | "or" => fail(place, ErrorKind::ValueExpected),
            _ => fail(place, ErrorKind::Unknown),
        }
    }
    fn expect(&mut self, mark: &str, otherwise: ErrorKind) -> Result<(), ExpressionError> {
        match self.peek() {
            Some(Token::Mark(found)) if *found == mark => {
                self.at += 1;
                Ok(())
            }
            _ => fail(self.place(), otherwise),
        }
    }
    fn operator(&mut self) -> Result<(), ExpressionError> {
        let place = self.place();
        let (step, binds) = match self.peek() {
            Some(Token::Word(word)) if word == "or" => (Step1::Or, 1),
            Some(Token::Word(word)) if word == "and" => (Step1::And, 2),
            Some(Token::Mark("=")) => (Step1::Compare(Test::Equal), 3),
            Some(Token::Mark("!=")) => (Step1::Compare(Test::NotEqual), 3),
            Some(Token::Mark("<")) => (Step1::Compare(Test::Less), 4),
            Some(Token::Mark("<=")) => (Step1::Compare(Test::AtMost), 4),
            Some(Token::Mark(">")) => (Step1::Compare(Test::Greater), 4),
            Some(Token::Mark(">=")) => (Step1::Compare(Test::AtLeast), 4),
            Some(Token::Mark("+")) => (Step1::Add, 5),
            Some(Token::Mark("-")) => (Step1::Subtract, 5),
            _ => return fail(place, ErrorKind::OperatorExpected),
        };
        self.at += 1;
        while let Some(Open::Operator(waiting, tighter)) = self.open.last().copied()
            && tighter >= binds
        {
            self.open.pop();
            self.step(place, waiting.into())?;
        }
        self.push_open(place, Open::Operator(step, binds))
    }
    /// A closing parenthesis: what waits inside it is done.
    fn close(&mut self) -> Result<(), ExpressionError> {
        let place = self.place();
        self.at += 1;
        loop {
            match self.open.pop() {
                Some(Open::Operator(waiting, _)) => self.step(place, waiting.into())?,
                Some(Open::Parenthesis(_)) => return Ok(()),
                Some(Open::Not(_)) => return self.step(place, Step::Not),
                None => return fail(place, ErrorKind::OperatorExpected),
            }
        }
    }
    fn finish(mut self) -> Result<Vec<Step>, ExpressionError> {
        while let Some(open) = self.open.pop() {
            match open {
                Open::Operator(waiting, _) => self.step(self.end, waiting.into())?,
                Open::Parenthesis(at) | Open::Not(at) => return fail(at, ErrorKind::ParenthesisNotClosed),
            }
        }
        Ok(self.steps)
    }
    fn push_open(&mut self, place: usize, open: Open) -> Result<(), ExpressionError> {
        if self.open.len() >= OPEN_MAX_COUNT {
            return fail(place, ErrorKind::TooDeep);
        }
        self.open.push(open);
        Ok(())
    }
    fn step(&mut self, place: usize, step: Step) -> Result<(), ExpressionError> {
        if self.steps.len() >= STEPS_MAX_COUNT {
            return fail(place, ErrorKind::TooLong);
        }
        self.steps.push(step);
        Ok(())
    }
}
