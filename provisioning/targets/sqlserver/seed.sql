-- Can be repeated: run at each start of the service that grows the database. $(password) is that of the login that measures.
IF SUSER_ID('tidemark') IS NULL
BEGIN
  CREATE LOGIN tidemark WITH PASSWORD = '$(password)';
  GRANT VIEW ANY DEFINITION TO tidemark;
  GRANT VIEW SERVER PERFORMANCE STATE TO tidemark;
  GRANT CONNECT ANY DATABASE TO tidemark;
END
GO
IF DB_ID('shop') IS NULL CREATE DATABASE shop;
IF DB_ID('archive') IS NULL CREATE DATABASE archive;
GO
USE shop;
GO
IF OBJECT_ID('orders') IS NULL
  CREATE TABLE orders (id bigint IDENTITY PRIMARY KEY, placed_at datetime2 DEFAULT sysutcdatetime(), content varchar(1000));
GO
CREATE OR ALTER PROCEDURE grow AS
  INSERT INTO orders (content)
  SELECT TOP (2000) REPLICATE(CONVERT(varchar(36), NEWID()), 27)
  FROM sys.all_objects AS a CROSS JOIN sys.all_objects AS b;
GO
EXEC grow;
GO
