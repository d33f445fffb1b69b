/// One sign-in of a person on one device: the family of refresh tokens that follow each other, and the access tokens
/// issued with them.
public enum Session {}

public typealias SessionID = Identifier<Session>
